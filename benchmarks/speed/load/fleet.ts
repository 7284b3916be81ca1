import { setTimeout as delay } from 'node:timers/promises'
import { waitUntil } from '../../../e2e/rig/timing.js'
import { createOpener, type Connection, type State } from './connection.js'
import type { Dialect } from './dialect.js'

/** Told of each read that held events: how many, and how many the client had before. */
export type EventListener = (added: number, before: number) => void

/** Many clients of one server. */
export interface Fleet {
  /** Opens so many, `atOnce` at a time, each with the next of `greetings`; resolves when all are settled. */
  readonly open: (count: number, atOnce: number, greetings: readonly Buffer[]) => Promise<void>
  readonly size: () => number
  /** Clients in a state. */
  readonly count: (state: State) => number
  /** Events that all of them have received together. */
  readonly events: () => number
  readonly bytes: () => number
  /** Resolves in the tick in which they have received so many together; rejects after a minute and a half. */
  readonly received: (events: number) => Promise<void>
  /** Sets who is told of events, or nobody. */
  readonly listen: (listener: EventListener | undefined) => void
  /** Has the client of this number say something that is encoded already. */
  readonly send: (client: number, frame: Buffer) => void
  /** Drops all, and forgets them. */
  readonly close: () => Promise<void>
}

const PATIENCE_MS = 90_000

export const createFleet = (port: number, dialect: Dialect): Fleet => {
  const openConnection = createOpener()
  let connections: Connection[] = []
  let events = 0
  let listener: EventListener | undefined
  let awaited: { readonly events: number; readonly resolve: () => void } | undefined

  const onEvents: EventListener = (added, before) => {
    events += added
    listener?.(added, before)
    if (awaited === undefined || events < awaited.events) return
    awaited.resolve()
    awaited = undefined
  }
  const openOne = (greeting: Buffer): Promise<void> =>
    new Promise((resolve) => {
      const onSettled = (): void => {
        resolve()
      }
      connections.push(openConnection({ port, dialect, greeting, onSettled, onEvents }))
    })
  const count = (state: State): number =>
    connections.reduce((sum, one) => sum + (one.state() === state ? 1 : 0), 0)

  return {
    open: async (wanted, atOnce, greetings) => {
      let next = 0
      const worker = async (): Promise<void> => {
        while (next < wanted) {
          const greeting = greetings[next % greetings.length] ?? Buffer.alloc(0)
          next += 1
          await openOne(greeting)
        }
      }
      await Promise.all(Array.from({ length: Math.min(atOnce, wanted) }, worker))
    },
    size: () => connections.length,
    count,
    events: () => events,
    bytes: () => connections.reduce((sum, one) => sum + one.bytes(), 0),
    received: async (wanted) => {
      if (events >= wanted) return
      const impatience = new AbortController()
      await Promise.race([
        new Promise<void>((resolve) => {
          awaited = { events: wanted, resolve }
        }),
        delay(PATIENCE_MS, undefined, { signal: impatience.signal }).then(() => {
          throw new Error(
            `${String(events)} of ${String(wanted)} events came within 90 s; ` +
              `${String(count('closed'))} of ${String(connections.length)} connections are closed.`,
          )
        }),
      ]).finally(() => {
        impatience.abort()
      })
    },
    listen: (next) => {
      listener = next
    },
    send: (client, frame) => {
      connections[client]?.send(frame)
    },
    close: async () => {
      for (const connection of connections) connection.close()
      await waitUntil(() => count('closed') === connections.length, 10_000)
      connections = []
      events = 0
    },
  }
}
