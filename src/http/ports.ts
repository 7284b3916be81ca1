import type {
  AttemptsPage,
  AttemptsQuery,
  ConnectionsPage,
  CreateUser,
  JsonObject,
  loginResultSchema,
  loginSchema,
  Revocation,
  RevocationPage,
  RevocationQuery,
  revokeResultSchema,
  Role,
  tokenPairSchema,
  UpdateUser,
  User,
  UserPage,
} from '@uzima/contracts'
import type {
  FastifyBaseLogger,
  FastifyInstance,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import type { z } from 'zod'
import type { AccessClaims } from '../auth/claims.js'
import type { HealthReport } from './health-report.js'

/** A Fastify instance whose routes take zod schemas. */
export type HttpApp = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  ZodTypeProvider
>

/** Logging in and out. */
export interface LoginPort {
  readonly login: (body: z.infer<typeof loginSchema>) => Promise<z.infer<typeof loginResultSchema>>
  readonly refresh: (refreshToken: string) => Promise<z.infer<typeof tokenPairSchema>>
  readonly logout: (claims: AccessClaims, refreshToken?: string) => Promise<void>
}

/** Accounts; `actor` is who the history names. */
export interface UsersPort {
  readonly list: (page: { readonly limit: number; readonly cursor?: string }) => Promise<UserPage>
  readonly get: (id: string) => Promise<User>
  readonly create: (actor: string, body: CreateUser) => Promise<User>
  readonly update: (actor: string, id: string, body: UpdateUser) => Promise<User>
  readonly remove: (actor: string, id: string) => Promise<unknown>
  readonly revoke: (actor: string, id: string) => Promise<z.infer<typeof revokeResultSchema>>
}

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
