import { setTimeout as wait } from 'node:timers/promises'
import type { GetToken } from '@uzima/client'
import type { Item } from '@uzima/contracts'
import { openClinicDesk } from './clinic-desk.js'
import {
  CLOSING_MINUTE,
  OPENING_MINUTE,
  planClinicDay,
  type ClinicTask,
} from './clinic-schedule.js'

/** How a day is played. */
export interface ClinicDayOptions {
  /** Address of the running server, such as `http://localhost:3000`. */
  readonly baseUrl: string
  /** Asked before each request; whoever it names must be allowed to move stock. */
  readonly getToken: GetToken
  /** Simulated minutes per second. Default 10: a day takes a minute. */
  readonly speed?: number
  /** Another seed, another day. Default `uzima`. */
  readonly seed?: string
  /** Ends the day after the request under way. */
  readonly signal?: AbortSignal
  /** No task begins after this many requests. Default 1000. */
  readonly maxRequests?: number
  /** Told after each task. */
  readonly onProgress?: (progress: ClinicDayProgress) => void
}

/** How far the day is. */
export interface ClinicDayProgress {
  /** Simulated time, `HH:MM`. */
  readonly time: string
  /** Changes of stock that the server made. */
  readonly movements: number
  /** Items seen to fall to or below their threshold. */
  readonly alerts: number
  /** Tasks that the server refused, such as a consumption of more than there is. */
  readonly refusals: number
}

/** What the day came to. */
export interface ClinicDaySummary extends ClinicDayProgress {
  readonly requests: number
  readonly ended: 'day_over' | 'interrupted' | 'request_limit'
}

/**
 * Plays one day of a clinic, 08:00 to 18:00, against a running server through its public API.
 * Rejects when the server cannot be reached or lets the caller not move stock; refusals of single
 * tasks are counted and the day goes on.
 */
export const playClinicDay = async ({
  baseUrl,
  getToken,
  speed = 10,
  seed = 'uzima',
  signal = new AbortController().signal,
  maxRequests = 1000,
  onProgress,
}: ClinicDayOptions): Promise<ClinicDaySummary> => {
  if (!(speed > 0)) throw new TypeError('speed must be more than 0 simulated minutes per second')
  const desk = openClinicDesk({ baseUrl, getToken, signal })
  const lowStockBySku = new Map<string, boolean>()
  let minute = OPENING_MINUTE
  let movements = 0
  let alerts = 0
  let refusals = 0

  const progress = (): ClinicDayProgress => {
    return { time: clock(minute), movements, alerts, refusals }
  }
  const summary = (ended: ClinicDaySummary['ended']): ClinicDaySummary => {
    return { ...progress(), requests: desk.requestCount(), ended }
  }

  const perform = async (task: ClinicTask): Promise<void> => {
    const outcome = await desk.carryOut(task)
    if (outcome.done) {
      note(outcome.item)
      return
    }
    refusals += 1
    if (task.kind !== 'dispense' || outcome.available === 0) return
    const rest = await desk.carryOut({
      ...task,
      quantity: outcome.available,
      reason: `${task.reason}, part of ${task.quantity.toString()}`,
    })
    if (rest.done) note(rest.item)
  }

  const note = (item: Item): void => {
    movements += 1
    if (item.lowStock && lowStockBySku.get(item.sku) === false) alerts += 1
    lowStockBySku.set(item.sku, item.lowStock)
  }

  try {
    const items = await desk.readStock()
    if (items.length === 0)
      throw new Error('There is no item: start the server with DEMO_DATA=true')
    for (const item of items) lowStockBySku.set(item.sku, item.lowStock)
    const startMs = performance.now()
    for (const task of planClinicDay(items, {
      today: new Date().toISOString().slice(0, 10),
      seed,
    })) {
      const dueMs = startMs + ((task.minute - OPENING_MINUTE) / speed) * 1000
      await wait(Math.max(0, dueMs - performance.now()), undefined, { signal })
      if (desk.requestCount() >= maxRequests) return summary('request_limit')
      minute = task.minute
      await perform(task)
      onProgress?.(progress())
    }
    minute = CLOSING_MINUTE
    return summary('day_over')
  } catch (error) {
    if (signal.aborted) return summary('interrupted')
    throw error
  }
}

const clock = (minute: number): string => {
  const pad = (value: number): string => Math.floor(value).toString().padStart(2, '0')
  return `${pad(minute / 60)}:${pad(minute % 60)}`
}
