import type {
  AttemptsPage,
  AttemptsQuery,
  ConnectionsPage,
  JsonObject,
  Revocation,
  RevocationPage,
  RevocationQuery,
  Role,
} from '@uzima/contracts'
import type {
  FastifyBaseLogger,
  FastifyInstance,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import type { HealthReport } from './health-report.js'

/** A Fastify instance whose routes take zod schemas. */
export type HttpApp = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  ZodTypeProvider
>

/** Sends what is not in the log; throws what the caller is to be told. */
export interface PublisherPort {
  readonly sendToAll: (event: string, data: JsonObject) => void
  readonly sendToUser: (userId: string, event: string, data: JsonObject) => void
  readonly sendToRole: (role: Role, event: string, data: JsonObject) => void
  readonly broadcastToRoom: (room: string, event: string, data: JsonObject) => void
}

/** Who is connected, over all nodes. */
export interface PresencePort {
  readonly connections: () => Promise<ConnectionsPage>
  readonly disconnect: (socketId: string) => Promise<boolean>
}

/** The connection log, newest first. */
export type ListAttempts = (query: AttemptsQuery) => Promise<AttemptsPage>

/** Tells how this node is. Rejecting counts as not ready. */
export interface HealthPort {
  readonly report: () => Promise<HealthReport>
}

/** The proofs of revocations. */
export interface RevocationsPort {
  readonly get: (seq: number) => Promise<Revocation>
  readonly list: (query: RevocationQuery) => Promise<RevocationPage>
}
