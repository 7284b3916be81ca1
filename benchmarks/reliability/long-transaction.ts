import { setTimeout as delay } from 'node:timers/promises'
import type { Figure, FigureResult } from '../frame/figure.js'
import { startRig, type Rig } from '../frame/rig.js'
import { grouped, summarise, told } from '../../e2e/rig/statistics.js'
import { addItems, createReceiver, deadlocksOf, moveBySql, type Receiver } from './inventory.js'

const OPEN_MS = 5_000
const GOAL_MS = 20
const ITEMS_HELD = 5
const REST_WRITERS = 3
const SQL_WRITERS = 2
// Fewer than the machine can do, so that what is measured is waiting, not the queue for the processor.
const WRITE_EVERY_MS = 40

/** Latencies of the other writers' commits, in ms. */
interface Latencies {
  readonly open: number[]
  readonly closed: number[]
}

/** One transaction that has written stays open for 5 s, again and again; the others write other items meanwhile. */
export const longTransaction: Figure = {
  name: 'longTransaction',
  run: async ({ sized }) => {
    const rig = await startRig({ settings: {} })
    const receiver = await createReceiver(rig)
    try {
      const held = await addItems(rig, 'held', ITEMS_HELD)
      const free = await addItems(rig, 'free', REST_WRITERS + SQL_WRITERS)
      const before = await deadlocksOf(rig)
      const rest: Latencies = { open: [], closed: [] }
      const sql: Latencies = { open: [], closed: [] }
      // What follows the first use of a connection or a plan is not measured.
      await write(rig, receiver, free, { rest: [], sql: [] }, delay(1_000))
      const rounds = sized(10, 2)
      for (let round = 0; round < rounds; round += 1) {
        await write(rig, receiver, free, { rest: rest.closed, sql: sql.closed }, delay(OPEN_MS))
        const one = rig.database.transaction(async (tx) => {
          for (const sku of held) {
            await tx.query('update inventory_lots set quantity = quantity + 1 where sku = $1', [
              sku,
            ])
          }
          await delay(OPEN_MS)
        })
        await write(rig, receiver, free, { rest: rest.open, sql: sql.open }, one)
      }
      return toResult({ rest, sql, rounds, deadlocks: (await deadlocksOf(rig)) - before })
    } finally {
      receiver.close()
      await rig.stop()
    }
  },
}

/** Lets all writers write until `end` is settled. */
const write = async (
  rig: Rig,
  receiver: Receiver,
  skus: readonly string[],
  latencies: { readonly rest: number[]; readonly sql: number[] },
  end: Promise<unknown>,
): Promise<void> => {
  const ended = new AbortController()
  const writer = async (sku: string, index: number): Promise<void> => {
    const isRest = index < REST_WRITERS
    // Not all at once.
    await delay((index * WRITE_EVERY_MS) / skus.length)
    while (!ended.signal.aborted) {
      const startedAt = performance.now()
      await (isRest ? receiver.receive(index, sku) : moveBySql(rig, sku))
      const ms = performance.now() - startedAt
      latencies[isRest ? 'rest' : 'sql'].push(ms)
      await delay(Math.max(0, WRITE_EVERY_MS - ms))
    }
  }
  const writing = Promise.all(skus.map(writer))
  await end
  ended.abort()
  await writing
}

const toResult = ({
  rest,
  sql,
  rounds,
  deadlocks,
}: {
  readonly rest: Latencies
  readonly sql: Latencies
  readonly rounds: number
  readonly deadlocks: number
}): FigureResult => {
  const findings = (
    [
      ['REST', rest],
      ['plain SQL', sql],
    ] as const
  ).map(([name, ms]) => {
    const [open, closed] = [summarise(ms.open), summarise(ms.closed)]
    const moreMs = open.p99 - closed.p99
    return {
      figure: `One transaction left open 5 s after it wrote ${String(ITEMS_HELD)} items, ${String(rounds)} times; writes of other items over ${name}, begin to answer, against the same without it`,
      goal: `<= ${String(GOAL_MS)} ms more at p99, 0 deadlocks`,
      measured:
        `${moreMs.toFixed(1)} ms more at p99. Open: ${told(open)} (${grouped(open.count)} writes); ` +
        `closed, in turns: ${told(closed)} (${grouped(closed.count)}). ${String(deadlocks)} deadlocks`,
      met: moreMs <= GOAL_MS && deadlocks === 0 && open.count > 0,
    }
  })
  const raw = { rest: rounded(rest), sql: rounded(sql), rounds, deadlocks }
  return { findings, raw }
}

const rounded = ({ open, closed }: Latencies): Latencies => {
  const tenths = (values: readonly number[]): number[] =>
    values.map((ms) => Math.round(ms * 10) / 10)
  return { open: tenths(open), closed: tenths(closed) }
}
