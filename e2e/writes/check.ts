import type { StoredWrite } from '@uzima/client'
import type { Queryable } from '../../src/storage/database.js'
import type { Run } from './stage.js'

/** What schedules have come to, added up. */
export interface Counts {
  readonly intentions: number
  readonly kept: number
  readonly booked: number
  readonly refused: number
  /** Requests that went out again under their key. */
  readonly repeats: number
  /** Faults: lost, doubled, under a wrong name, changed on the way. Each with its story. */
  readonly faults: readonly string[]
}

interface Booked {
  readonly user_id: string
  readonly request_key: string
  readonly reason: string
  readonly actor: string
  readonly lots: readonly { readonly delta: number; readonly after: number }[]
}

/** Compares what people meant, and what their device says became of it, with what the database has. */
export const checkRun = async (database: Pick<Queryable, 'query'>, run: Run): Promise<Counts> => {
  const booked = await database.query<Booked>(
    `select user_id, request_key, reason, actor, lots from stock_movements
      where sku = any($1) and request_key is not null`,
    [[...run.skus]],
  )
  const keptKeys = await database.query<{ key: string }>(
    'select key from idempotency_keys where is_kept and user_id = any($1)',
    [run.people.map(({ userId }) => userId)],
  )
  const rows = await run.device.rows()
  const counted = new Set(keptKeys.map(({ key }) => key))
  const faults = [
    ...run.device.wireFaults.map((fault) => `on the wire: ${fault}`),
    ...intentionFaults(run, rows, booked),
    ...rows.flatMap((row) => rowFaults(row, booked, counted)),
    ...booked.flatMap((movement) => movementFaults(run, rows, movement)),
  ]
  return {
    intentions: run.intentions.length,
    kept: run.intentions.filter(({ isKept }) => isKept).length,
    booked: booked.length,
    refused: rows.filter(({ refusal }) => refusal !== undefined).length,
    repeats: run.device.repeats(),
    faults: faults.map((fault) => `${fault}\n  ${run.story.join(', ')}`),
  }
}

/** By the reasons that the people gave, whatever keys the client made of it. */
const intentionFaults = (
  { intentions }: Run,
  rows: readonly StoredWrite[],
  booked: readonly Booked[],
): string[] =>
  intentions.flatMap(({ reason, author, isKept }) => {
    const writes = rows.filter(({ movement }) => movement.reason === reason)
    const times = booked.filter((movement) => movement.reason === reason)
    return [
      ...(isKept && writes.length === 0 ? [`lost on the device: ${reason}`] : []),
      ...(times.length > 1 ? [`booked ${String(times.length)} times: ${reason}`] : []),
      ...times.flatMap(({ user_id: userId, actor }) =>
        userId === author.userId && actor === author.username
          ? []
          : [`of ${author.username} booked as ${actor}: ${reason}`],
      ),
    ]
  })

/** What the device says of a write is what the database has. */
const rowFaults = (
  { id, author, state, movement, refusal, closed, request }: StoredWrite,
  booked: readonly Booked[],
  counted: ReadonlySet<string>,
): string[] => {
  const found = booked.filter(({ request_key: key }) => key === id)
  const what = `${state} ${movement.kind} ${id} of ${author}`
  if (JSON.stringify({ request, closed, refusal }).includes('eyJ'))
    return [`a token is kept: ${what}`]
  if (state === 'accepted') {
    if (found.length !== 1) {
      const isRightCount = movement.kind === 'count' && counted.has(id) && found.length === 0
      return isRightCount ? [] : [`booked ${String(found.length)} times: ${what}`]
    }
    return found.flatMap((movementFound) =>
      isAsMeant(movement, movementFound) ? [] : [`booked as something else: ${what}`],
    )
  }
  if (state !== 'closed') return [`not at its end: ${what}`]
  // Given up while only a lost role could have settled it: that one may have been booked.
  return found.length === 0 || (refusal?.status === 403 && closed?.reason !== undefined)
    ? []
    : [`booked in spite of its end: ${what}`]
}

const isAsMeant = (movement: StoredWrite['movement'], { lots }: Booked): boolean => {
  const delta = lots.reduce((sum, lot) => sum + lot.delta, 0)
  switch (movement.kind) {
    case 'receive':
      return delta === movement.quantity
    case 'count':
      return lots[0]?.after === movement.quantity
    case 'consume':
    case 'dispose':
      return delta === -movement.quantity
  }
}

const movementFaults = (
  { people }: Run,
  rows: readonly StoredWrite[],
  { user_id: userId, request_key: key, reason }: Booked,
): string[] => {
  const row = rows.find(({ id }) => id === key)
  if (row === undefined) return [`booked, and unknown to the device: ${reason}`]
  if (row.author !== userId || !people.some((person) => person.userId === userId)) {
    return [`booked under a wrong name: ${reason}`]
  }
  return []
}
