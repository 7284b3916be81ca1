import { ROLES, type Role } from '@uzima/contracts'
import type { FastifyInstance } from 'fastify'
import { vi } from 'vitest'
import { createAdmission } from '../../src/auth/admission.js'
import type { AuthUser, Subject } from '../../src/auth/authorize.js'
import { createAuthFailures } from '../../src/auth/failure-limit.js'
import { AppError } from '../../src/errors/app-error.js'
import type { Health } from '../../src/http/health-report.js'
import { alertRoutes } from '../../src/http/routes/alerts.js'
import { authRoutes } from '../../src/http/routes/auth.js'
import { breakGlassRoutes } from '../../src/http/routes/break-glass.js'
import { connectionAttemptRoutes } from '../../src/http/routes/connection-attempts.js'
import { connectionRoutes } from '../../src/http/routes/connections.js'
import { dashboardRoutes } from '../../src/http/routes/dashboard.js'
import { docsRoutes } from '../../src/http/routes/docs.js'
import { erasureRoutes } from '../../src/http/routes/erasures.js'
import { eventRoutes, type EventRouteDeps } from '../../src/http/routes/events.js'
import { explainRoutes } from '../../src/http/routes/explain.js'
import { grantRoutes } from '../../src/http/routes/grants.js'
import { healthRoutes } from '../../src/http/routes/health.js'
import { inventoryRoutes } from '../../src/http/routes/inventory.js'
import { messageRoutes } from '../../src/http/routes/messages.js'
import { metricsRoutes } from '../../src/http/routes/metrics.js'
import { movementRoutes } from '../../src/http/routes/movements.js'
import { checkpointRoutes } from '../../src/http/routes/checkpoints.js'
import { revocationRoutes } from '../../src/http/routes/revocations.js'
import { systemRoutes } from '../../src/http/routes/system.js'
import { userRoutes } from '../../src/http/routes/users.js'
import { createRequestShares } from '../../src/http/request-shares.js'
import { createHttpApi } from '../../src/http/server.js'
import { createClientAddress } from '../../src/middleware/client-address.js'
import type { Feeds } from '../../src/log/audience.js'
import { createLogger } from '../../src/observability/logger.js'
import { createJourneys } from '../../src/observability/journeys.js'
import { createMetrics } from '../../src/observability/metrics.js'
import { createTracing } from '../../src/observability/tracing.js'
import {
  ALERT,
  BREAK_GLASS,
  EPOCH,
  EXPLANATION,
  GRANT,
  ITEM,
  REVOCATION,
  USER,
} from './api-samples.js'

export const authUser = (role: Role): AuthUser => ({
  id: `id-${role}`,
  username: `name-${role}`,
  role,
  roles: [role],
  isActive: true,
  authVersion: 1,
  tokensNotBefore: null,
})

const FEEDS: Feeds = {
  inventoryUpdateRoles: '*',
  lowStockRoles: ['admin'],
  alertEscalateTo: ['admin'],
}

export const as = (role: Role) => ({ authorization: `Bearer token-${role}` })

/** Roles by user id, as the fake directory knows them; a test may change it. */
export const usersById = () => new Map(ROLES.map((role) => [`id-${role}`, authUser(role)]))

/** Every port as a fake that answers something valid; `token-<role>` is a token of a user with that role. */
export const fakeDeps = (known = usersById()) => {
  const lines: string[] = []
  const admission = createAdmission({
    verifyAccessToken: async (token) => {
      if (token === undefined) throw new AppError('AUTH_TOKEN_MISSING')
      if (token === 'expired') throw new AppError('AUTH_TOKEN_EXPIRED')
      const role = /^token-(.+)$/.exec(typeof token === 'string' ? token : '')?.[1]
      if (role === undefined)
        throw new AppError('AUTH_TOKEN_INVALID', { detail: 'wrong signature' })
      return { userId: `id-${role}`, expiresAt: Date.now() + 60_000, sessionId: 's-1' }
    },
    directory: {
      get: async ({ userId }) => known.get(userId),
      isCurrent: (user) => known.get(user.id) === user,
      onEntries: () => {},
      onReset: () => {},
    },
  })
  const page = { items: [ITEM], nextCursor: null, position: { epoch: EPOCH, seq: 7 } }
  const tokens = { accessToken: 'a', expiresIn: 900, refreshToken: 'r' }
  const deps = {
    config: {
      clientUrls: ['https://clinic.example'],
      httpsPort: undefined as number | undefined,
      trustProxy: [] as string[],
      metricsToken: undefined as string | undefined,
    },
    logger: createLogger({
      level: 'debug',
      name: 'test',
      destination: { write: (line: string) => lines.push(line) },
    }),
    metrics: createMetrics(),
    admission,
    authFailures: createAuthFailures({ perMinute: 60 }),
    findUser: vi.fn(async ({ userId }: Subject) => known.get(userId)),
    login: {
      login: vi.fn(async () => ({ ...tokens, user: USER })),
      refresh: vi.fn(async () => tokens),
      logout: vi.fn(async () => {}),
    },
    users: {
      list: vi.fn(async () => ({ users: [USER], nextCursor: null })),
      get: vi.fn(async (_id: string) => USER),
      create: vi.fn(async () => USER),
      update: vi.fn(async () => USER),
      remove: vi.fn(async () => {}),
      revoke: vi.fn(async () => ({ seq: 9 })),
    },
    grants: {
      list: vi.fn(async () => ({ grants: [GRANT], nextCursor: null })),
      create: vi.fn(async () => GRANT),
      revoke: vi.fn(async () => GRANT),
    },
    erasures: {
      erase: vi.fn(async () => ({ userId: USER.id, rows: {} })),
      list: vi.fn(async () => []),
      data: vi.fn(async () =>
        (async function* () {
          yield '{}'
        })(),
      ),
    },
    breakGlass: {
      own: vi.fn(async () => ({ mayTake: [], active: [BREAK_GLASS] })),
      take: vi.fn(async () => BREAK_GLASS),
      list: vi.fn(async () => ({ grants: [BREAK_GLASS], nextCursor: null })),
      get: vi.fn(async () => ({ ...BREAK_GLASS, done: [], hasMore: false })),
      review: vi.fn(async () => BREAK_GLASS),
    },
    inventory: {
      list: vi.fn(async () => page),
      get: vi.fn(async () => ITEM),
      create: vi.fn(async () => ITEM),
      update: vi.fn(async () => ITEM),
      archive: vi.fn(async () => {}),
      addLot: vi.fn(async () => ITEM),
      consume: vi.fn(async () => ({ item: ITEM, lotsConsumed: [] })),
      adjust: vi.fn(async () => ITEM),
      dispose: vi.fn(async () => ITEM),
      movements: vi.fn(async () => ({ movements: [], nextCursor: null })),
      consumption: vi.fn(async () => ({ items: [] })),
    },
    alerts: {
      list: vi.fn(async () => ({
        alerts: [ALERT],
        nextCursor: null,
        position: { epoch: EPOCH, seq: 7 },
      })),
      acknowledge: vi.fn(async () => ALERT),
    },
    eventLog: {
      range: vi.fn<EventRouteDeps['eventLog']['range']>(async () => ({
        head: { epoch: EPOCH, seq: 0, trimmedSeq: 0 },
        readAt: new Date('2025-11-22T08:00:00.000Z'),
        dueInMs: null,
        isEndOverdue: false,
        isReadOnly: false,
        session: 0,
        entries: [],
      })),
    },
    publisher: {
      sendToAll: vi.fn(),
      sendToUser: vi.fn(),
      sendToRole: vi.fn(),
      sendToRoles: vi.fn(),
      broadcastToRoom: vi.fn(),
    },
    presence: {
      connections: vi.fn(async () => ({ connections: [], nodes: ['a'], missingNodes: [] })),
      disconnect: vi.fn(async (socketId: string) => socketId === 'here'),
      system: vi.fn(async () => ({ answeredBy: 'a', nodes: [], missingNodes: ['b'] })),
    },
    checkpoints: {
      list: vi.fn(async () => ({ checkpoints: [], keys: [], nextCursor: null })),
      make: vi.fn(async () => ({
        epoch: 'e',
        size: 1,
        root: '00',
        at: '2026-01-31T12:00:00.000Z',
        note: 'n',
      })),
    },
    revocations: {
      list: vi.fn(async () => ({ revocations: [], nextCursor: null })),
      get: vi.fn(async () => REVOCATION),
    },
    explain: {
      explain: vi.fn(async () => EXPLANATION),
      seen: vi.fn(async () => emptyDocument()),
      viewers: vi.fn(() => emptyDocument()),
    },
    listAttempts: vi.fn(async () => ({ attempts: [], nextCursor: null })),
    health: {
      report: vi.fn<Health['report']>(async () => ({
        ready: true,
        database: { state: 'up' },
        redis: { state: 'unused' },
        log: { state: 'fresh', ageMs: 12 },
      })),
    },
    dashboardFolder: '/nowhere',
  }
  return { deps, lines, known }
}

const emptyDocument = () => ({
  contentType: 'application/json; charset=utf-8',
  pieces: (async function* () {
    yield Buffer.from('{}')
  })(),
  digest: () => Buffer.alloc(32),
})

type FakeDeps = ReturnType<typeof fakeDeps>['deps']

export type FakeApi = ReturnType<typeof fakeDeps> & { app: FastifyInstance } & AsyncDisposable

/** An API over fakes, gone after `await using`. */
export const createFakeApi = async (
  adapt: (deps: FakeDeps) => Partial<FakeDeps> = () => ({}),
): Promise<FakeApi> => {
  const fakes = fakeDeps()
  const deps = { ...fakes.deps, ...adapt(fakes.deps) }
  const { config, logger, metrics, admission, authFailures } = deps
  const addressOf = createClientAddress(config.trustProxy)
  const app = await createHttpApi({
    config,
    logger,
    metrics,
    trail: { tracing: createTracing(), journeys: createJourneys(() => undefined) },
    auth: { admission, authFailures, addressOf },
    shares: createRequestShares(4),
    api: [
      authRoutes({ login: deps.login, users: deps.users, authFailures, addressOf }),
      userRoutes(deps.users),
      grantRoutes(deps.grants),
      erasureRoutes(deps.erasures),
      breakGlassRoutes(deps.breakGlass),
      inventoryRoutes(deps.inventory),
      movementRoutes(deps.inventory),
      alertRoutes(deps.alerts),
      eventRoutes({ eventLog: deps.eventLog, findUser: deps.findUser, feeds: FEEDS }),
      messageRoutes(deps.publisher),
      connectionRoutes(deps.presence),
      connectionAttemptRoutes(deps.listAttempts),
      checkpointRoutes(deps.checkpoints),
      revocationRoutes(deps.revocations),
      explainRoutes(deps.explain),
      systemRoutes(deps.presence),
    ],
    root: [
      healthRoutes(deps.health, logger),
      metricsRoutes({ metrics, metricsToken: config.metricsToken }),
      docsRoutes,
      dashboardRoutes(deps.dashboardFolder),
    ],
  })
  return { ...fakes, app, [Symbol.asyncDispose]: () => app.close() }
}
