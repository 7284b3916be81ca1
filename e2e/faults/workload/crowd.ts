import { startGhosts } from '../clients/ghosts.js'
import { startPackageClient } from '../clients/package-client.js'
import { startRawClient, type Client, type RawClientOptions } from '../clients/raw-client.js'
import { startStockClient } from '../clients/stock-client.js'
import type { Recorder } from '../history.js'
import type { Random } from '../../rig/random.js'
import type { Population } from '../rig/population.js'
import type { Rig } from '../rig/rig.js'
import { createSnapshotReader } from '../rig/snapshot.js'
import type { TokenBook } from '../rig/token-book.js'
import { startBroadcaster } from './broadcaster.js'
import { createLogIns, type LogIns } from './log-ins.js'
import { startNewcomers } from './newcomers.js'
import { pause } from './pace.js'
import type { Rest } from '../../rig/rest.js'
import { startRevoker, type Revoker } from './revoker.js'
import { startSqlWriter } from './sql-writer.js'
import { startWriter } from './writers.js'

export interface CrowdSize {
  readonly raw: number
  readonly stock: number
  readonly slow: number
  /** Clients of our own package. Default 0, as of all that only the chaos run has. */
  readonly packaged?: number
  readonly ghosts: number
  readonly writers: number
  readonly sqlWriters: number
  readonly subjects: number
  readonly listeners: number
  /** How many of the subjects log in with a password. */
  readonly members?: number
  readonly newcomers?: number
  readonly items: number
  /** Changes that are tried a second, all writers together. */
  readonly perSecond: number
  readonly revokeEveryMs: number
  readonly racing: number
  /** Probability that a right is taken by plain SQL. */
  readonly bySql?: number
}

/** Everybody who uses the service. */
export interface Crowd {
  readonly revoker: Revoker
  readonly population: Population
  readonly tokens: TokenBook
  readonly logIns: LogIns
  /** Clients that have not reached `seq`, of users who may follow the stock and whose rights nobody changes now. */
  readonly behind: (seq: number) => Client[]
  /** Ends the writing and gives everybody his right back; resolves when each write is decided. */
  readonly stopWriting: () => Promise<void>
  /** Resolves when every client has reached `seq`, or after `withinMs`. */
  readonly atHead: (seq: number, withinMs: number) => Promise<boolean>
  readonly final: () => void
  readonly stop: () => Promise<void>
}

export interface CrowdOptions {
  readonly rig: Rig
  readonly rest: Rest
  readonly recorder: Recorder
  readonly random: Random
  readonly tokens: TokenBook
  readonly population: Population
  readonly size: CrowdSize
}

const CONNECTED_WITHIN_MS = 20_000
const GIVE_UP_AFTER_MS = 60_000

/** Starts clients, waits until they are connected, then starts those who write and revoke. */
export const startCrowd = async (options: CrowdOptions): Promise<Crowd> => {
  const { rig, rest, recorder, random, tokens, population, size } = options
  const { nodes } = rig
  const readSnapshot = createSnapshotReader({ nodes, tokens, rest, random: random.fork('reads') })
  const users = [...population.listeners, ...population.subjects]
  let made = 0
  const logIns = createLogIns({ nodes, rest, tokens, population, now: recorder.now })
  await Promise.all(users.filter(({ logsIn }) => logsIn).map(logIns.renew))
  const common = (kind: 'raw' | 'stock' | 'slow' | 'package'): RawClientOptions => {
    made += 1
    const client = `${kind}-${String(made)}`
    const user = users[made % users.length]
    if (user === undefined) throw new Error('There is nobody to connect as.')
    const forClient = random.fork(client)
    return {
      client,
      kind,
      userId: user.id,
      recorder,
      readSnapshot,
      nodes,
      tokens,
      random: forClient,
    }
  }
  const many = <T>(count: number, make: (index: number) => T): T[] =>
    Array.from({ length: count }, (_, index) => make(index))

  const clients: Client[] = [
    ...many(size.stock, (index) =>
      startStockClient({ ...common('stock'), polling: index % 2 === 1 }),
    ),
    ...many(size.raw, () => startRawClient(common('raw'))),
    ...many(size.slow, () => startRawClient(common('slow'))),
    ...many(size.packaged ?? 0, () => startPackageClient(common('package'))),
  ]

  const isAt =
    (seq: number) =>
    ({ follower: { replica } }: Client): boolean =>
      !replica.isWaiting() && (replica.position()?.seq ?? -1) >= seq

  const atHead = async (seq: number, withinMs: number): Promise<boolean> => {
    const deadline = performance.now() + withinMs
    while (!clients.every(isAt(seq))) {
      if (performance.now() > deadline) return false
      await pause(50)
    }
    return true
  }
  await atHead(0, CONNECTED_WITHIN_MS)

  const ghosts = startGhosts({
    nodes,
    recorder,
    random: random.fork('ghosts'),
    secret: rig.secret,
    userId: population.admin.id,
    count: size.ghosts,
  })
  const restRate = (size.perSecond * 0.8) / Math.max(1, size.writers)
  const sqlRate = (size.perSecond * 0.2) / Math.max(1, size.sqlWriters)
  const { skus, admin } = population
  const writers = [
    ...population.writers.map((user) =>
      startWriter({
        user,
        nodes,
        tokens,
        rest,
        recorder,
        random: random.fork(user.username),
        skus,
        perSecond: restRate,
        giveUpAfterMs: GIVE_UP_AFTER_MS,
      }),
    ),
    ...many(size.sqlWriters, (index) => {
      const name = `psql-${String(index + 1)}`
      const { databaseUrl } = rig
      const forWriter = random.fork(name)
      return startSqlWriter({
        name,
        databaseUrl,
        recorder,
        random: forWriter,
        skus,
        perSecond: sqlRate,
      })
    }),
  ]
  const newcomers = startNewcomers({
    nodes,
    logIns,
    tokens,
    recorder,
    readSnapshot,
    random: random.fork('newcomers'),
    users: population.newcomers,
  })
  const broadcaster = startBroadcaster({ admin, nodes, tokens, rest, everyMs: 500 })
  const revoker = startRevoker({
    rig,
    admin,
    subjects: population.subjects,
    tokens,
    rest,
    recorder,
    random: random.fork('revoker'),
    everyMs: size.revokeEveryMs,
    racing: size.racing,
    bySql: size.bySql ?? 0,
    logIns,
  })

  return {
    revoker,
    population,
    tokens,
    logIns,
    behind: (seq) =>
      clients.filter((client) => !isAt(seq)(client) && !revoker.isBusy(client.follower.userId)),
    async stopWriting() {
      await revoker.stop()
      await Promise.all(writers.map((writer) => writer.stop()))
    },
    atHead,
    final() {
      for (const { follower } of clients) follower.final()
    },
    async stop() {
      await newcomers.stop()
      await broadcaster.stop()
      ghosts.stop()
      for (const client of clients) client.stop()
    },
  }
}
