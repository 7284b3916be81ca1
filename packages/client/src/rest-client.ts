import type {
  AddLot,
  Adjust,
  Alert,
  AlertsPage,
  AttemptsPage,
  BreakGlass,
  BreakGlassDetail,
  BreakGlassPage,
  ConnectionsPage,
  Consume,
  ConsumeResult,
  Consumption,
  CreateGrant,
  CreateItem,
  CreateUser,
  Dispose,
  EventsPage,
  EraseResult,
  Explanation,
  Grant,
  GrantPage,
  InventoryPage,
  Item,
  Message,
  MovementPage,
  OwnBreakGlass,
  Revocation,
  RevocationPage,
  System,
  TakeRole,
  UpdateItem,
  UpdateUser,
  User,
  UserPage,
} from '@uzima/contracts'
import { foreignAnswer } from './errors.js'
import type { AlertsSnapshot } from './alerts-view.js'
import { createHttp, type HttpOptions } from './http.js'
import type { Snapshot } from './ordered-delivery.js'
import type { GetToken } from './realtime-options.js'
import type {
  AlertsRequest,
  AttemptsRequest,
  BreakGlassRequest,
  EventsRequest,
  ExplainRequest,
  InventoryRequest,
  PageRequest,
  RevocationsRequest,
  WriteOptions,
} from './rest-requests.js'
import { randomUuid } from './uuid.js'

export interface RestClientOptions extends HttpOptions {
  readonly getToken: GetToken
}

/** The whole stock as it stood at `position`. */
export interface StockSnapshot extends Snapshot {
  readonly items: readonly Item[]
  /** Where the last page was read: once that entry has been applied, no item is newer than the others. Default: `position`'s. */
  readonly wholeSeq?: number
}

/** The REST interface, one method per route. Every method throws `RealtimeError`. */
export interface RestClient {
  readonly me: () => Promise<User>
  readonly inventory: {
    readonly list: (query?: InventoryRequest) => Promise<InventoryPage>
    /** Reads all pages: what `createRealtimeClient` wants as `loadSnapshot`. */
    readonly snapshot: () => Promise<StockSnapshot>
    readonly get: (sku: string) => Promise<Item>
    readonly create: (item: CreateItem, options?: WriteOptions) => Promise<Item>
    /** With `version`, refused as `INVENTORY_VERSION_CONFLICT` when the item has changed since. */
    readonly update: (sku: string, changes: UpdateItem, version?: number) => Promise<Item>
    readonly archive: (sku: string) => Promise<void>
    readonly addLot: (sku: string, lot: AddLot, options?: WriteOptions) => Promise<Item>
    readonly consume: (
      sku: string,
      consumption: Consume,
      options?: WriteOptions,
    ) => Promise<ConsumeResult>
    readonly adjust: (sku: string, count: Adjust, options?: WriteOptions) => Promise<Item>
    /** Writes off units of a lot: expired, broken or lost. */
    readonly dispose: (sku: string, writeOff: Dispose, options?: WriteOptions) => Promise<Item>
    readonly movements: (sku: string, page?: PageRequest) => Promise<MovementPage>
    /** What was given out over the last 30 days, of one item or of each that was. */
    readonly consumption: (query?: { readonly sku?: string }) => Promise<Consumption>
  }
  readonly alerts: {
    /** Those that the caller may see, resolved ones too, the newest first. */
    readonly list: (request?: AlertsRequest) => Promise<AlertsPage>
    /** Reads all pages of those that are not resolved: what `createAlertsView` wants as `load`. */
    readonly snapshot: () => Promise<AlertsSnapshot>
    /** Says that the caller acts on it. The first one stays; the answer tells who that was. */
    readonly acknowledge: (id: string, note?: string) => Promise<Alert>
  }
  readonly users: {
    readonly list: (page?: PageRequest) => Promise<UserPage>
    readonly get: (id: string) => Promise<User>
    readonly create: (user: CreateUser) => Promise<User>
    readonly update: (id: string, changes: UpdateUser) => Promise<User>
    readonly remove: (id: string) => Promise<void>
    /** Ends all sessions of the user; resolves with the log entry that does it. */
    readonly revoke: (id: string) => Promise<{ seq: number }>
    /** Empties the personal texts of a user who is deactivated or deleted, for good; the history keeps its numbers. */
    readonly erase: (id: string, reason?: string) => Promise<EraseResult>
  }
  /** Roles for a time. */
  readonly grants: {
    /** Those that the user has, had and will have; what begins last first. */
    readonly list: (userId: string, page?: PageRequest) => Promise<GrantPage>
    /** Gives a role until `validUntil`, when it ends by itself; from now on, without `validFrom`. */
    readonly create: (userId: string, grant: CreateGrant) => Promise<Grant>
    /** Ends it now, or takes it back before it begins; one that has ended stays as it is. */
    readonly revoke: (id: string) => Promise<Grant>
  }
  /** Roles that users take by themselves in an emergency. */
  readonly breakGlass: {
    /** What the caller may take now, and what he has taken and is in force. */
    readonly own: () => Promise<OwnBreakGlass>
    /** Takes a role from now on; administrators hear of it at once, and somebody else must review it. */
    readonly take: (asked: TakeRole) => Promise<BreakGlass>
    /** What began last first. */
    readonly list: (request?: BreakGlassRequest) => Promise<BreakGlassPage>
    /** With what the user did meanwhile. */
    readonly get: (id: string) => Promise<BreakGlassDetail>
    /** Closes the review, once the role is over. */
    readonly review: (id: string, note: string) => Promise<BreakGlass>
  }
  readonly events: (request?: EventsRequest) => Promise<EventsPage>
  readonly sendMessage: (message: Message) => Promise<void>
  readonly connections: () => Promise<ConnectionsPage>
  readonly closeConnection: (socketId: string) => Promise<void>
  readonly connectionAttempts: (request?: AttemptsRequest) => Promise<AttemptsPage>
  /** When rights really ended, node by node; newest first. */
  readonly revocations: (request?: RevocationsRequest) => Promise<RevocationPage>
  /** The proof of one revocation, by the `seq` that `users.revoke` resolves with. */
  readonly revocation: (seq: number) => Promise<Revocation>
  /** Whether a user could see an entry of the log, and what became of it. */
  readonly explain: (request: ExplainRequest) => Promise<Explanation>
  /** How each node is, with its last 15 minutes; names the nodes that did not answer. */
  readonly system: () => Promise<System>
}

/**
 * Makes the typed REST client. Each call that changes stock gets an Idempotency-Key of its own, kept over
 * the retries of that call: weak Wi-Fi cannot make it happen twice.
 */
export const createRestClient = (options: RestClientOptions): RestClient => {
  const send = createHttp(options)
  const read = <T>(path: string, query?: object): Promise<T> =>
    send({ method: 'GET', path, query: { ...query } })
  const remove = (path: string): Promise<void> => send({ method: 'DELETE', path })
  const patch = <T>(path: string, body: unknown, ifMatch?: string): Promise<T> =>
    send({ method: 'PATCH', path, body, ifMatch })
  const postOnce = <T>(path: string, body?: unknown, idempotencyKey?: string): Promise<T> =>
    send({ method: 'POST', path, body, idempotencyKey })
  const post = <T>(path: string, body: unknown, write?: WriteOptions): Promise<T> =>
    postOnce(path, body, write?.idempotencyKey ?? randomUuid())
  const move =
    <B, T>(route: string) =>
    (sku: string, body: B, write?: WriteOptions): Promise<T> =>
      post(api`inventory/${sku}/${route}`, body, write)

  const list = (query?: InventoryRequest): Promise<InventoryPage> => read(api`inventory`, query)

  const listAlerts = (request?: AlertsRequest): Promise<AlertsPage> => read(api`alerts`, request)

  return {
    me: () => read(api`auth/me`),
    inventory: {
      list,
      snapshot: async () => {
        const [as, pages] = await readPages(list)
        return { ...as, items: pages.flatMap(({ items }) => items) }
      },
      get: (sku) => read(api`inventory/${sku}`),
      create: (item, write) => post(api`inventory`, item, write),
      update: (sku, changes, version) =>
        patch(
          api`inventory/${sku}`,
          changes,
          version === undefined ? undefined : `"${version.toString()}"`,
        ),
      archive: (sku) => remove(api`inventory/${sku}`),
      addLot: move('lots'),
      consume: move('consume'),
      adjust: move('adjust'),
      dispose: move('dispose'),
      movements: (sku, page) => read(api`inventory/${sku}/movements`, page),
      consumption: (query) => read(api`consumption`, query),
    },
    alerts: {
      list: listAlerts,
      snapshot: async () => {
        const [as, pages] = await readPages((page) => listAlerts({ ...page, state: 'unresolved' }))
        return { ...as, alerts: pages.flatMap(({ alerts }) => alerts) }
      },
      // It has the same effect however often it arrives, so it may be repeated without the server's knowing the key.
      acknowledge: (id, note) => post(api`alerts/${id}/acknowledge`, { note }),
    },
    users: {
      list: (page) => read(api`users`, page),
      get: (id) => read(api`users/${id}`),
      create: (user) => postOnce(api`users`, user),
      update: (id, changes) => patch(api`users/${id}`, changes),
      remove: (id) => remove(api`users/${id}`),
      revoke: (id) => postOnce(api`users/${id}/revoke`),
      erase: (id, reason) => postOnce(api`users/${id}/erase`, { reason }),
    },
    grants: {
      list: (userId, page) => read(api`users/${userId}/grants`, page),
      create: (userId, grant) => postOnce(api`users/${userId}/grants`, grant),
      revoke: (id) => send({ method: 'DELETE', path: api`grants/${id}` }),
    },
    breakGlass: {
      own: () => read(api`break-glass/own`),
      take: (asked) => postOnce(api`break-glass`, asked),
      list: (request) => read(api`break-glass`, request),
      get: (id) => read(api`break-glass/${id}`),
      review: (id, note) => postOnce(api`break-glass/${id}/review`, { note }),
    },
    events: (request) => read(api`events`, request),
    sendMessage: (message) => postOnce(api`messages`, message),
    connections: () => read(api`connections`),
    closeConnection: (socketId) => remove(api`connections/${socketId}`),
    connectionAttempts: (request) => read(api`connection-attempts`, request),
    revocations: (request) => read(api`revocations`, request),
    revocation: (seq) => read(api`revocations/${seq}`),
    explain: (request) => read(api`explain`, request),
    system: () => read(api`system`),
  }
}

const MAX_PAGE = 500

/** A path of the interface, with its values escaped. */
const api = (texts: TemplateStringsArray, ...values: readonly (string | number)[]): string =>
  `/api/${String.raw({ raw: texts }, ...values.map(encodeURIComponent))}`

interface Page extends Snapshot {
  readonly nextCursor: string | null
}

/**
 * All pages, as of the first: each event carries all of what it is about, so what later pages saw already is only said
 * again. `wholeSeq` is the last one's.
 */
const readPages = async <P extends Page>(
  list: (page: PageRequest) => Promise<P>,
  from?: PageRequest,
): Promise<[as: Snapshot & { readonly wholeSeq: number }, pages: readonly P[]]> => {
  const page = await list({ limit: MAX_PAGE, ...from })
  if (!isPage(page)) throw foreignAnswer()
  const { nextCursor: cursor, position } = page
  if (cursor === null) return [{ position, wholeSeq: position.seq }, [page]]
  const [as, pages] = await readPages(list, { cursor })
  return [{ ...as, position }, [page, ...pages]]
}

// A foreign answer may be JSON, too; stock that is not there would be taken for "none left".
const isPage = (page: Partial<Page> | undefined): page is Page =>
  typeof page?.position?.seq === 'number' && page.nextCursor !== undefined
