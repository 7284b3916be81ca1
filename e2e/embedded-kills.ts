import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { io } from 'socket.io-client'
import { createPglite } from '../src/storage/pglite.js'
import { startServer, type RunningServer } from '../test/support/server.js'
import { unsound } from './rig/sound-store.js'

/** What many kills of a server on the embedded store came to. */
export interface EmbeddedKills {
  readonly kills: number
  readonly acknowledged: number
  /** Acknowledged and not there. */
  readonly lost: readonly string[]
  /** There, although nobody asked for it. */
  readonly unasked: readonly string[]
  /** Answers that were neither 201 nor cut off, and what is wrong with log, totals or audit chain. */
  readonly problems: readonly string[]
  /** From each start to listening, in ms. */
  readonly openMs: readonly number[]
}

const WRITERS = 4
// Below it, a kill may find nobody writing.
const LEAST_KEPT = 5
const WRITES_WITHIN_MS = 10_000

/**
 * Starts the built server on one folder again and again, lets writers write, kills it (-9), and looks into the folder.
 *
 * @throws where the server does not start or takes no writes
 */
export const killEmbeddedStore = async (kills: number): Promise<EmbeddedKills> => {
  const dataDir = await mkdtemp(join(tmpdir(), 'uzima-kills-'))
  // One token serves all processes.
  const env = { JWT_SECRET: randomBytes(48).toString('base64url'), ACCESS_TOKEN_TTL: '1d' }
  const found = { lost: [] as string[], unasked: [] as string[], problems: [] as string[] }
  const openMs: number[] = []
  let acknowledged = 0
  let token: string | undefined
  try {
    for (let kill = 1; kill <= kills; kill += 1) {
      const startedAt = performance.now()
      const server = await startServer({ dataDir, env })
      openMs.push(performance.now() - startedAt)
      token ??= await server.login()
      const sku = `KILL-${kill.toString()}`
      const { kept, tried, problems } = await writeUntilKilled(server, token, sku)
      acknowledged += kept.size
      found.problems.push(...problems)

      await using database = await opened(dataDir)
      const lots = await database.query<{ lot_number: string }>(
        'select lot_number from inventory_lots where sku = $1',
        [sku],
      )
      const there = new Set(lots.map((row) => row.lot_number))
      const named = (lot: string): string => `${sku}/${lot}`
      found.lost.push(...[...kept].filter((lot) => !there.has(lot)).map(named))
      // What was not acknowledged may be there or not, but nothing that nobody asked for.
      found.unasked.push(...[...there].filter((lot) => !tried.has(lot)).map(named))
      found.problems.push(
        ...(await unsound(database)).map((what) => `kill ${String(kill)}: ${what}`),
      )
    }
  } finally {
    await rm(dataDir, { recursive: true, force: true })
  }
  return { kills, acknowledged, ...found, openMs }
}

const writeUntilKilled = async (server: RunningServer, token: string, sku: string) => {
  await server.api(token, 'POST', '/api/inventory', { sku, name: sku })
  const socket = io(server.url, { auth: { token }, transports: ['websocket'] })
  const kept = new Set<string>()
  const tried = new Set<string>()
  const problems: string[] = []
  const writers = Array.from({ length: WRITERS }, async (_, writer) => {
    for (let n = 1; ; n += 1) {
      const lot = `${writer.toString()}-${n.toString()}`
      tried.add(lot)
      const status = await deliver(server, token, sku, lot).catch(() => undefined)
      if (status === undefined) return
      if (status === 201) kept.add(lot)
      else problems.push(`${sku}/${lot} was answered ${String(status)}`)
    }
  })
  const deadline = performance.now() + WRITES_WITHIN_MS
  while (kept.size < LEAST_KEPT && performance.now() < deadline) await delay(20)
  // A moment of no pattern: in a statement, in a commit, between two.
  await delay(Math.random() * 500)
  await server.kill9()
  await Promise.all(writers)
  socket.disconnect()
  if (kept.size < LEAST_KEPT) throw new Error(`The server took ${String(kept.size)} writes.`)
  return { kept, tried, problems }
}

/** One delivery of one piece to the lot of this number; an answer 201 is the promise that it is kept. */
const deliver = async (server: RunningServer, token: string, sku: string, lot: string) => {
  const response = await fetch(`${server.url}/api/inventory/${sku}/lots`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ lotNumber: lot, quantity: 1, expiryDate: '2031-01-31' }),
  })
  await response.text()
  return response.status
}

const opened = async (dataDir: string) => {
  const database = await createPglite({
    dataDir: join(dataDir, 'pglite'),
    onHung: (error) => {
      throw error
    },
  })
  return { ...database, [Symbol.asyncDispose]: database.close }
}
