import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { io } from 'socket.io-client'
import { expect, it } from 'vitest'
import { verifyChain } from '../src/audit/verify.js'
import { createPglite } from '../src/storage/pglite.js'
import { startServer, type RunningServer } from '../test/support/server.js'

const KILLS = Number(process.env['UZIMA_KILLS'] ?? '10')
const WRITERS = 4

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

it(
  `keeps every acknowledged write over ${KILLS.toString()} kills while it writes`,
  async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'uzima-kills-'))
    const env = {
      JWT_SECRET: randomBytes(48).toString('base64url'),
      // One token serves all processes.
      ACCESS_TOKEN_TTL: '1d',
    }
    let token: string | undefined
    let acknowledged = 0
    const openMs: number[] = []
    try {
      for (let kill = 1; kill <= KILLS; kill += 1) {
        const startedAt = performance.now()
        const server = await startServer({ dataDir, env })
        openMs.push(performance.now() - startedAt)
        token ??= await server.login()
        const bearer = token
        const sku = `KILL-${kill.toString()}`
        await server.api(bearer, 'POST', '/api/inventory', { sku, name: sku })
        const socket = io(server.url, { auth: { token: bearer }, transports: ['websocket'] })
        const kept = new Set<string>()
        const tried = new Set<string>()
        const writers = Array.from({ length: WRITERS }, async (_, writer) => {
          for (let n = 1; ; n += 1) {
            const lot = `${writer.toString()}-${n.toString()}`
            tried.add(lot)
            const status = await deliver(server, bearer, sku, lot).catch(() => undefined)
            if (status === undefined) return
            expect(status).toBe(201)
            kept.add(lot)
          }
        })
        await expect.poll(() => kept.size, { timeout: 10_000 }).toBeGreaterThan(4)
        // A moment of no pattern: in a statement, in a commit, between two.
        await delay(Math.random() * 500)
        await server.kill9()
        await Promise.all(writers)
        socket.disconnect()
        acknowledged += kept.size

        await using database = await opened(dataDir)
        const lots = await database.query<{ lot_number: string }>(
          'select lot_number from inventory_lots where sku = $1',
          [sku],
        )
        const found = new Set(lots.map((row) => row.lot_number))
        expect([...kept].filter((lot) => !found.has(lot))).toEqual([])
        // What was not acknowledged may be there or not, but nothing that nobody asked for.
        expect([...found].filter((lot) => !tried.has(lot))).toEqual([])
        await expectSound(database)
      }
    } finally {
      await rm(dataDir, { recursive: true, force: true })
    }
    console.log(
      `${KILLS.toString()} kills, ${acknowledged.toString()} acknowledged writes, 0 lost; ` +
        `ready again after ${Math.round(Math.max(...openMs)).toString()} ms at most`,
    )
  },
  60_000 + KILLS * 15_000,
)

const opened = async (dataDir: string) => {
  const database = await createPglite({
    dataDir: join(dataDir, 'pglite'),
    onHung: (error) => {
      throw error
    },
  })
  return { ...database, [Symbol.asyncDispose]: database.close }
}

type Opened = Awaited<ReturnType<typeof opened>>

const expectSound = async (database: Opened): Promise<void> => {
  const [log] = await database.query<Record<string, number>>(
    `select count(*)::int as entries, coalesce(min(seq), 1)::int as first, coalesce(max(seq), 0)::int as last,
       (select seq::int from log_head) as head from event_log`,
  )
  expect(log).toMatchObject({ first: 1, entries: log?.['head'], last: log?.['head'] })
  const wrong = await database.query(
    `select sku from inventory_items i where total_quantity <> (
       select coalesce(sum(quantity), 0) from inventory_lots l where l.sku = i.sku)
     union all
     select sku from inventory_items i where total_quantity <> (
       select coalesce(sum(delta), 0) from stock_movements m where m.sku = i.sku)`,
  )
  expect(wrong).toEqual([])
  expect(await verifyChain(database)).toMatchObject({ holds: true })
}
