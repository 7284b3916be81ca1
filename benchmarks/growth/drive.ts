import { setTimeout as delay } from 'node:timers/promises'
import { waitUntil } from '../../e2e/rig/timing.js'
import type { Database } from '../../src/storage/database.js'
import type { Fleet } from '../speed/load/fleet.js'

/** What came of a load. */
export interface Driven {
  /** Milliseconds from right before COMMIT is sent until a client has the event, for each client and change. */
  readonly times: Float64Array
  /** The same for COMMIT itself, until the writer is told. */
  readonly commits: readonly number[]
  /** Changes a second, until the last client had the last. */
  readonly reachedPerSecond: number
}

export interface Load {
  readonly database: Database
  readonly fleets: readonly Fleet[]
  readonly perSecond: number
  readonly count: number
}

// A change each, of items that startUzima has made: two of one item do not meet.
const ITEMS = 400

/**
 * Commits changes of one item each on a clock, not after a pause: a service that lags behind is not asked for less. As many writers
 * as the pool of `database` has, because one waits for the disk.
 */
export const drive = async ({ database, fleets, perSecond, count }: Load): Promise<Driven> => {
  const clients = fleets.map((fleet) => fleet.size())
  const beganAt = new Float64Array(count)
  const commits: number[] = []
  /** When each client of each fleet had each event, in the order of the log. */
  const heardAt = clients.map((size) => new Float64Array(size * count))
  const before = fleets.map((fleet) => fleet.events())
  const filled = clients.map(() => 0)
  const order = clients.map((size) => new Int32Array(size * count))
  for (const [index, fleet] of fleets.entries()) {
    const base = (before[index] ?? 0) / Math.max(1, clients[index] ?? 0)
    fleet.listen((added, had) => {
      const now = performance.now()
      for (let event = had - base; added > 0; event += 1, added -= 1) {
        const place = filled[index] ?? 0
        const [times, orders] = [heardAt[index], order[index]]
        if (times === undefined || orders === undefined || place >= times.length) return
        times[place] = now
        orders[place] = event
        filled[index] = place + 1
      }
    })
  }
  const [head] = await database.query<{ seq: number }>('select seq::float8 as seq from log_head')
  const from = performance.now()
  const change = async (number: number): Promise<void> => {
    await database.transaction(async (tx) => {
      await tx.query('update inventory_items set name = $2 where sku = $1', [
        `item-${String((number % ITEMS) + 1)}`,
        `Change ${String(number)} ${String(from)}`,
      ])
      beganAt[number] = performance.now()
    })
    commits.push(performance.now() - (beganAt[number] ?? 0))
  }
  const changes: Promise<void>[] = []
  for (let number = 0; number < count; number += 1) {
    await delay(Math.max(0, from + (number * 1_000) / perSecond - performance.now()))
    changes.push(change(number))
  }
  await Promise.all(changes)
  for (const [index, fleet] of fleets.entries()) {
    await fleet.received((before[index] ?? 0) + count * (clients[index] ?? 0))
  }
  const seconds = (performance.now() - from) / 1_000
  for (const fleet of fleets) fleet.listen(undefined)
  const numbers = await orderOfLog(database, head?.seq ?? 0, count)
  const times = heardAt.map((heard, index) =>
    heard.map((at, place) => at - (beganAt[numbers[order[index]?.[place] ?? 0] ?? 0] ?? 0)),
  )
  return {
    times: Float64Array.from(times.flatMap((one) => [...one])),
    commits,
    reachedPerSecond: count / seconds,
  }
}

/** Which change is which entry: several writers commit in an order of their own. */
const orderOfLog = async (database: Database, after: number, count: number): Promise<number[]> => {
  const rows = await database.query<{ number: number }>(
    `select split_part(payload -> 'item' ->> 'name', ' ', 2)::integer as number
       from event_log where seq > $1 order by seq limit $2`,
    [after, count],
  )
  return rows.map(({ number }) => number)
}

/** Waits until all clients are in; a server that refuses one ends the measurement. */
export const expectAllIn = async (fleet: Fleet): Promise<void> => {
  const isIn = await waitUntil(() => fleet.count('in') === fleet.size(), 10_000)
  if (!isIn) throw new Error(`${String(fleet.size() - fleet.count('in'))} clients were not let in.`)
}
