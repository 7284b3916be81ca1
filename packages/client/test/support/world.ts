import { vi, expect } from 'vitest'
import {
  createRealtimeClient,
  type ConnectionStatus,
  type RealtimeClient,
  type RealtimeClientOptions,
  type Snapshot,
  type StockEvent,
} from '../../src/index.js'
import { startFakeServer, type FakeServer } from './fake-server.js'

/** A client that was started against a fake server of its own. */
export interface World extends AsyncDisposable {
  readonly server: FakeServer
  readonly client: RealtimeClient
  readonly statuses: ConnectionStatus[]
  readonly events: StockEvent[]
  readonly seqs: () => number[]
}

/** Starts both; `prepare` sets the server up before the client comes. */
export const setupWorld = async (
  options: Partial<RealtimeClientOptions<Snapshot>> = {},
  prepare: (server: FakeServer) => void = () => undefined,
): Promise<World> => {
  const server = await startFakeServer()
  prepare(server)
  const statuses: ConnectionStatus[] = []
  const events: StockEvent[] = []
  const client = createRealtimeClient({
    url: server.url,
    getToken: () => 'token-1',
    onStatus: (status) => statuses.push(status),
    onEvent: (event) => events.push(event),
    random: () => 0,
    ...options,
  })
  client.start()
  return {
    server,
    client,
    statuses,
    events,
    seqs: () => events.map(({ payload }) => payload.seq),
    [Symbol.asyncDispose]: async () => {
      client.stop()
      await server[Symbol.asyncDispose]()
    },
  }
}

/** `phase code` of each status, without repetitions. */
export const phases = (statuses: readonly ConnectionStatus[]): string[] =>
  statuses
    .map(({ phase, code }) => `${phase} ${code}`)
    .filter((text, index, all) => text !== all[index - 1])

/** Resolves once `client` is connected. */
export const connected = (client: RealtimeClient) =>
  vi.waitFor(() => {
    expect(client.status().phase).toBe('connected')
  })

/** A promise to be settled by the test; `Promise.withResolvers` is not in Node 20. */
export const deferred = <T>(): { promise: Promise<T>; resolve: (value: T) => void } => {
  let resolve: (value: T) => void = () => undefined
  const promise = new Promise<T>((settle) => {
    resolve = settle
  })
  return { promise, resolve }
}
