import { setTimeout as wait } from 'node:timers/promises'
import {
  consumeResultSchema,
  inventoryPageSchema,
  itemSchema,
  type InventoryPage,
  type Item,
} from '@uzima/contracts'
import { z } from 'zod'
import { createClinicApi, type ClinicAnswer, type ClinicApi } from './clinic-api.js'
import {
  CLOSING_MINUTE,
  OPENING_MINUTE,
  planClinicDay,
  type ClinicTask,
} from './clinic-schedule.js'
import type { ClinicAuth } from './clinic-session.js'

/** How a day is played. */
export interface ClinicDayOptions {
  /** Address of the running server, such as `http://localhost:3000`. */
  readonly baseUrl: string
  readonly auth: ClinicAuth
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

const PAGE_LIMIT = 500

/**
 * Plays one day of a clinic, 08:00 to 18:00, against a running server through its public API.
 * Rejects when the server cannot be reached or lets the caller not move stock; refusals of single
 * tasks are counted and the day goes on.
 */
export async function playClinicDay({
  baseUrl,
  auth,
  speed = 10,
  seed = 'uzima',
  signal = new AbortController().signal,
  maxRequests = 1000,
  onProgress,
}: ClinicDayOptions): Promise<ClinicDaySummary> {
  if (!(speed > 0)) throw new TypeError('speed must be more than 0 simulated minutes per second')
  const api = createClinicApi({ baseUrl, auth, signal })
  const lowStockBySku = new Map<string, boolean>()
  let minute = OPENING_MINUTE
  let movements = 0
  let alerts = 0
  let refusals = 0

  function progress(): ClinicDayProgress {
    return { time: clock(minute), movements, alerts, refusals }
  }
  function summary(ended: ClinicDaySummary['ended']): ClinicDaySummary {
    return { ...progress(), requests: api.requestCount(), ended }
  }

  async function perform(task: ClinicTask): Promise<void> {
    const answer = await send(api, task)
    if (answer.ok) {
      note(answer.value)
      return
    }
    refusals += 1
    const available = availableSchema.safeParse(answer.problem)
    if (task.kind !== 'dispense' || !available.success || available.data.available === 0) return
    const rest = await send(api, {
      ...task,
      quantity: available.data.available,
      reason: `${task.reason}, part of ${task.quantity.toString()}`,
    })
    if (rest.ok) note(rest.value)
  }

  function note(item: Item): void {
    movements += 1
    if (item.lowStock && lowStockBySku.get(item.sku) === false) alerts += 1
    lowStockBySku.set(item.sku, item.lowStock)
  }

  try {
    const items = await readStock(api)
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
      if (api.requestCount() >= maxRequests) return summary('request_limit')
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

const availableSchema = z.object({ available: z.int().min(0) })

async function readStock(api: ClinicApi): Promise<Item[]> {
  const items: Item[] = []
  let cursor: string | null = null
  do {
    const page: InventoryPage = await readPage(api, cursor)
    items.push(...page.items)
    cursor = page.nextCursor
  } while (cursor !== null)
  return items
}

async function readPage(api: ClinicApi, cursor: string | null): Promise<InventoryPage> {
  const query = new URLSearchParams({
    limit: PAGE_LIMIT.toString(),
    ...(cursor !== null && { cursor }),
  })
  const page = await api.get(`/api/inventory?${query.toString()}`, inventoryPageSchema)
  if (!page.ok) throw new Error(`Cannot read the stock: ${page.problem.title}`)
  return page.value
}

async function send(api: ClinicApi, task: ClinicTask): Promise<ClinicAnswer<Item>> {
  const path = `/api/inventory/${encodeURIComponent(task.sku)}`
  switch (task.kind) {
    case 'count': {
      const { lotNumber, quantity, reason } = task
      return api.post(`${path}/adjust`, { lotNumber, quantity, reason }, itemSchema)
    }
    case 'dispense': {
      const { quantity, reason } = task
      const consumed = consumeResultSchema.transform(({ item }) => item)
      return api.post(`${path}/consume`, { quantity, reason }, consumed)
    }
    case 'delivery': {
      const { lotNumber, quantity, expiryDate } = task
      return api.post(`${path}/lots`, { lotNumber, quantity, expiryDate }, itemSchema)
    }
  }
}

function clock(minute: number): string {
  const pad = (value: number): string => Math.floor(value).toString().padStart(2, '0')
  return `${pad(minute / 60)}:${pad(minute % 60)}`
}
