import type { InventoryUpdate, Item, Movement } from '@uzima/contracts'
import { isDeepStrictEqual } from 'node:util'
import type { History } from './history.js'
import { takeEarliest } from './model.js'
import { announce, usableOf } from './model-time.js'
import type { ItemModel, LotModel } from './model-types.js'

/**
 * Replays a history that begins before the first of its items in the order of its numbers, and names everything in it that
 * cannot have happened. An empty list: the log, the movements, the alerts and the stock are of one mind.
 */
export const checkHistory = (history: History): string[] => {
  const problems: string[] = []
  const expect = (holds: boolean, problem: string): void => {
    if (!holds) problems.push(problem)
  }
  const items = new Map<string, ItemModel>()
  const versions = new Map<string, number>()
  const alertsDue = new Map<string, number>()
  const movementsBySeq = groupBySeq(history.movements)

  expect(history.pending === 0, `${history.pending.toString()} rows are left in log_pending`)
  history.entries.forEach((entry, index) => {
    const at = `#${entry.seq.toString()}`
    expect(entry.seq === history.base + 1 + index, `${at} follows a hole`)
    expect(entry.payload.seq === entry.seq, `${at} tells another number`)
    if (entry.name === 'inventory:lowStock') {
      const due = alertsDue.get(entry.payload.sku)
      expect(due === entry.seq - 1, `${at} alerts without a crossing`)
      const usable = usableOf(items.get(entry.payload.sku) ?? NEW_ITEM)
      expect(usable === entry.payload.usableQuantity, `${at} alerts with another quantity`)
      alertsDue.delete(entry.payload.sku)
      return
    }
    // What they say is compared with the stock by who has it: see test/alerts/expected.ts.
    if (entry.name !== 'inventory:update') return

    const { item, type, lotsConsumed } = entry.payload
    const before = items.get(item.sku) ?? NEW_ITEM
    const movements = movementsBySeq.get(entry.seq) ?? []
    movementsBySeq.delete(entry.seq)
    const lots = new Map(before.lots)
    for (const movement of movements) {
      problems.push(...applyMovement(lots, movement).map((problem) => `${at} ${problem}`))
    }
    expect(
      movements.every(({ sku }) => sku === item.sku),
      `${at} has a movement of another item`,
    )
    expect(
      isDeepStrictEqual(stockIn(lots), stockOf(item)),
      `${at} shows other lots than its movements make`,
    )
    expect(hasSums(item), `${at} shows a total that is not the sum`)
    expect(
      item.lowStock === item.usableQuantity <= item.threshold,
      `${at} is wrong about low stock`,
    )
    problems.push(...timeProblems(before, entry.payload).map((problem) => `${at} ${problem}`))
    expect(item.version > (versions.get(item.sku) ?? 0), `${at} does not raise the version`)
    versions.set(item.sku, item.version)
    // In these tests only the service calls a movement consumed, one in a transaction.
    if (type === 'consumed') {
      const quantity = -(movements[0]?.delta ?? 0)
      const first = isDeepStrictEqual(takeEarliest(before, quantity), lotsConsumed)
      expect(movements.length === 1 && first, `${at} does not take the earliest expiry first`)
    }

    const changed = {
      ...before,
      threshold: item.threshold,
      archived: type === 'archived',
      lots: lotsOf(item),
    }
    const announced = announce(new Map([[item.sku, changed]]))
    items.set(item.sku, announced.stock.get(item.sku) ?? changed)
    if (announced.alerts.length > 0) alertsDue.set(item.sku, entry.seq)
  })

  for (const [sku, seq] of alertsDue) problems.push(`#${seq.toString()} crossed unheard: ${sku}`)
  for (const seq of movementsBySeq.keys())
    problems.push(`#${seq.toString()} has movements and no entry`)
  const last = history.base + history.entries.length
  expect(history.head === last, `the head says ${history.head.toString()}, not ${last.toString()}`)
  for (const item of history.items) {
    const replayed = items.get(item.sku)?.lots
    expect(isDeepStrictEqual(replayed, lotsOf(item)), `${item.sku} ended with other lots`)
    expect(hasSums(item), `${item.sku} ended with a wrong total`)
    expect(item.version === versions.get(item.sku), `${item.sku} ended at an unheard version`)
  }
  return problems
}

const groupBySeq = <T extends { readonly seq: number }>(rows: readonly T[]): Map<number, T[]> => {
  const groups = new Map<number, T[]>()
  for (const row of rows) groups.set(row.seq, [...(groups.get(row.seq) ?? []), row])
  return groups
}

const NEW_ITEM: ItemModel = { threshold: 0, archived: false, announced: true, lots: new Map() }

const hasSums = (item: Item): boolean => {
  const lots = lotsOf(item)
  return (
    item.totalQuantity === sumOf(lots) &&
    item.usableQuantity === usableOf({ lots }) &&
    item.expiredQuantity === item.totalQuantity - item.usableQuantity
  )
}

/** What cannot be true of how an entry tells of time, which only goes on. */
const timeProblems = (before: ItemModel, { item, type, dueAt }: InventoryUpdate): string[] => {
  const problems: string[] = []
  const was = (lotNumber: string, expiryDate: string): LotModel | undefined => {
    const lot = before.lots.get(lotNumber)
    return lot?.expiryDate === expiryDate ? lot : undefined
  }
  const known = item.lots.filter((lot) => was(lot.lotNumber, lot.expiryDate) !== undefined)
  if (known.some((lot) => was(lot.lotNumber, lot.expiryDate)?.expired === true && !lot.expired)) {
    problems.push('makes an expired lot usable again')
  }
  if (type !== 'expired') return problems
  const ended = known.filter(
    (lot) => lot.expired && was(lot.lotNumber, lot.expiryDate)?.expired === false,
  )
  const last = ended
    .map(({ expiryDate }) => expiryDate)
    .sort()
    .at(-1)
  // In these tests days end by UTC.
  const end = Date.parse(`${last ?? ''}T00:00:00Z`) + 86_400_000
  if (dueAt === undefined || Date.parse(dueAt) !== end) problems.push('is not due then')
  return problems
}

const applyMovement = (lots: Map<string, LotModel>, movement: Movement): string[] => {
  const problems: string[] = []
  if (movement.before !== sumOf(lots)) problems.push('breaks the chain of totals')
  for (const { lotNumber, before, after, delta, expiryDate } of movement.lots) {
    if ((lots.get(lotNumber)?.quantity ?? 0) !== before)
      problems.push(`breaks the chain of ${lotNumber}`)
    if (after - before !== delta || after < 0) problems.push(`miscounts ${lotNumber}`)
    lots.set(lotNumber, { quantity: after, expiryDate, expired: false })
  }
  if (movement.after !== sumOf(lots)) problems.push('moves another total than its lots')
  if (movement.after - movement.before !== movement.delta) problems.push('miscounts')
  return problems
}

const lotsOf = (item: Item): Map<string, LotModel> =>
  new Map(
    item.lots.map(({ lotNumber, quantity, expiryDate, expired }) => [
      lotNumber,
      { quantity, expiryDate, expired },
    ]),
  )

/**
 * Lots with units in them: a movement does not tell an empty lot from a deleted one, and nothing of time.
 */
const stockIn = (lots: ReadonlyMap<string, LotModel>): Map<string, Omit<LotModel, 'expired'>> =>
  new Map(
    [...lots]
      .filter(([, { quantity }]) => quantity > 0)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([lotNumber, { quantity, expiryDate }]) => [lotNumber, { quantity, expiryDate }]),
  )

const stockOf = (item: Item): ReturnType<typeof stockIn> => stockIn(lotsOf(item))

const sumOf = (lots: ReadonlyMap<string, LotModel>): number =>
  [...lots.values()].reduce((sum, { quantity }) => sum + quantity, 0)
