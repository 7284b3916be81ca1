import { sqlState, type Database } from '../storage/database.js'
import { hashOf, isKey } from '../storage/idempotency.js'
import type { Command, Movement } from './command.js'

/** A request that moves stock of one item. */
export interface MoveRequest {
  readonly command: Command
  readonly action: Movement['action']
  readonly sku: string
  readonly body: unknown
}

/** Carries out movements that are asked for at the same time in one transaction. */
export interface Together {
  /**
   * Resolves to the answer of a movement that nothing stood in the way of, once it is committed. Whatever does stand in its way
   * (a refusal, an earlier request under its key, a lock that somebody holds) is left to `alone`, whose outcome is this one's.
   */
  readonly move: <T>(request: MoveRequest, alone: () => Promise<T>) => Promise<T>
}

/** Movements of a transaction. More only make its first ones wait for the last. */
const MAX_TOGETHER = 32
/** While one transaction waits for the disk, the next one works. */
const MAX_AT_ONCE = 2
/** Movements that are done alone at a time: each holds a connection of the pool, and some wait for somebody's lock. */
const MAX_ALONE = 4

/** The COMMIT looks at alerts, which somebody may hold, and waits for the commits of other nodes. */
const COMMIT_WAITS_AT_MOST = '500ms'

interface Waiting {
  readonly request: MoveRequest
  /** Undefined: nothing was done. */
  readonly resolve: (answer: unknown) => void
  readonly reject: (error: unknown) => void
}

/** Makes the one place in which the movements of this process on `database` meet. */
export const createTogether = (database: Pick<Database, 'transaction'>): Together => {
  const waiting = new Set<Waiting>()
  // Each entry of the log tells of one movement, as if it had come alone; and whoever came first has what is left.
  const busy = new Set<string>()
  // Items for which somebody waits alone, mostly for a lock: who comes after him would meet it too, at everybody's cost.
  const waitedFor = new Map<string, number>()
  const turns: (() => void)[] = []
  let running = 0
  let runningAlone = 0

  const startNext = (): void => {
    while (running < MAX_AT_ONCE) {
      const batch = takeBatch()
      if (batch.length === 0) return
      running += 1
      void carryOut(batch).finally(() => {
        running -= 1
        for (const { request } of batch) busy.delete(request.sku)
        startNext()
      })
    }
  }

  const takeBatch = (): Waiting[] => {
    const batch: Waiting[] = []
    for (const one of waiting) {
      if (batch.length === MAX_TOGETHER) break
      if (busy.has(one.request.sku)) continue
      busy.add(one.request.sku)
      waiting.delete(one)
      batch.push(one)
    }
    // One order of locks for all transactions.
    return batch.sort((a, b) =>
      Buffer.compare(Buffer.from(a.request.sku), Buffer.from(b.request.sku)),
    )
  }

  const carryOut = async (batch: readonly Waiting[]): Promise<void> => {
    const requests = JSON.stringify(batch.map(({ request }) => toJson(request)))
    try {
      const answers = await database.transaction(async (tx) => {
        const [row] = await tx.query<{ answers: unknown[] }>(
          `select move_together($1::jsonb) as answers, set_config('lock_timeout', $2, true)`,
          [requests, COMMIT_WAITS_AT_MOST],
        )
        return row?.answers ?? []
      })
      batch.forEach(({ resolve }, index) => {
        resolve(answers[index] ?? undefined)
      })
    } catch (error) {
      for (const { resolve, reject } of batch) {
        if (isUndone(error)) resolve(undefined)
        else reject(error)
      }
    }
  }

  const runAlone = async <T>(sku: string, alone: () => Promise<T>): Promise<T> => {
    waitedFor.set(sku, (waitedFor.get(sku) ?? 0) + 1)
    // Whoever finishes hands over his turn, so `runningAlone` stays.
    if (runningAlone === MAX_ALONE) await new Promise<void>((resolve) => turns.push(resolve))
    else runningAlone += 1
    try {
      return await alone()
    } finally {
      const others = (waitedFor.get(sku) ?? 1) - 1
      if (others === 0) waitedFor.delete(sku)
      else waitedFor.set(sku, others)
      const next = turns.shift()
      if (next === undefined) runningAlone -= 1
      else next()
    }
  }

  return {
    async move<T>(request: MoveRequest, alone: () => Promise<T>) {
      const {
        sku,
        command: { idempotencyKey },
      } = request
      const isMalformed = idempotencyKey !== undefined && !isKey(idempotencyKey)
      if (isMalformed || waitedFor.has(sku)) return runAlone(sku, alone)
      const answer = await new Promise<unknown>((resolve, reject) => {
        waiting.add({ request, resolve, reject })
        startNext()
      })
      // The answer is that of the action, made by the database from the same view that `alone` reads.
      return answer === undefined ? runAlone(sku, alone) : (answer as T)
    },
  }
}

const toJson = ({
  command: { actor, userId, idempotencyKey },
  action,
  sku,
  body,
}: MoveRequest) => ({
  userId,
  actor,
  action,
  sku,
  body,
  ...(idempotencyKey === undefined
    ? {}
    : { key: idempotencyKey, hash: hashOf({ action, sku, body }).toString('hex') }),
})

/** Whether the server itself said that it took the transaction back, and lives to do it again. */
const isUndone = (error: unknown): boolean =>
  sqlState(error) !== undefined &&
  error instanceof Error &&
  'severity' in error &&
  error.severity === 'ERROR'
