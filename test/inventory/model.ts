import { MAX_QUANTITY, type ErrorCode, type LotConsumed } from '@uzima/contracts'
import { allocate } from '../../src/inventory/allocation.js'
import { announce, expireBeforeConsumption, lotAfter, sleep, totalOf } from './model-time.js'
import type {
  Action,
  ItemModel,
  LotModel,
  Outcome,
  Statement,
  Stock,
  World,
} from './model-types.js'

/** Does `action` as the whole system is expected to: all or nothing. */
export const act = (world: World, action: Action): Outcome => {
  if (action.kind === 'sleep') return sleep(world, action)
  if (action.kind === 'kill') return { world, result: 'ok', alerts: [] }
  const due =
    action.kind === 'consume' ? expireBeforeConsumption(world, action.sku) : { world, alerts: [] }
  try {
    const { next, lotsConsumed } = change(due.world, action)
    const { stock, alerts } = announce(next)
    return {
      world: { ...world, stock },
      result: 'ok',
      alerts: [...due.alerts, ...alerts],
      ...(lotsConsumed ? { lotsConsumed } : {}),
    }
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal
    return { world: due.world, result: refusal.code, alerts: due.alerts }
  }
}

/** The lots that `quantity` units come from, or undefined where there are fewer. */
export const takeEarliest = (
  { lots }: Pick<ItemModel, 'lots'>,
  quantity: number,
): LotConsumed[] | undefined =>
  allocate(
    [...lots]
      .map(([lotNumber, lot]) => ({ lotNumber, ...lot }))
      .filter((lot) => lot.quantity > 0 && !lot.expired)
      .sort((a, b) => compare(a.expiryDate, b.expiryDate) || compare(a.lotNumber, b.lotNumber)),
    quantity,
  )

class Refusal extends Error {
  readonly code: ErrorCode | 'nothing'
  constructor(code: ErrorCode | 'nothing') {
    super(code)
    this.code = code
  }
}

interface Changed {
  readonly next: Stock
  readonly lotsConsumed?: readonly LotConsumed[]
}

const change = (
  { today, stock }: World,
  action: Exclude<Action, { kind: 'sleep' | 'kill' }>,
): Changed => {
  switch (action.kind) {
    case 'create':
      if (stock.has(action.sku)) throw new Refusal('INVENTORY_SKU_EXISTS')
      return {
        next: new Map(stock).set(action.sku, {
          threshold: action.threshold,
          archived: false,
          announced: true,
          lots: new Map(),
        }),
      }
    case 'update':
      return {
        next: withItem(stock, action.sku, {
          ...inUse(stock, action.sku),
          threshold: action.threshold,
        }),
      }
    case 'retire':
      return { next: withItem(stock, action.sku, { ...inUse(stock, action.sku), archived: true }) }
    case 'sql':
      return { next: runTransaction({ today, stock }, action) }
    case 'receive': {
      const { lotNumber, quantity, expiryDate } = action.lot
      const there = stock.get(action.sku)?.lots.get(lotNumber)
      const units = (there?.quantity ?? 0) + quantity
      const mismatch = there !== undefined && there.expiryDate !== expiryDate
      if (stock.has(action.sku) && !mismatch) refuseOverflow(stock, action.sku, lotNumber, units)
      const item = movable(stock, action.sku)
      if (mismatch) throw new Refusal('INVENTORY_LOT_MISMATCH')
      return {
        next: withLots(stock, action.sku, item, [
          [lotNumber, lotAfter(there, { quantity: units, expiryDate }, today)],
        ]),
      }
    }
    case 'adjust': {
      const lot = stock.get(action.sku)?.lots.get(action.lotNumber)
      const isExpected = lot?.quantity === (action.expected ?? lot?.quantity)
      if (lot && isExpected) refuseOverflow(stock, action.sku, action.lotNumber, action.quantity)
      const item = movable(stock, action.sku)
      if (lot === undefined) throw new Refusal('INVENTORY_LOT_NOT_FOUND')
      if (!isExpected) throw new Refusal('INVENTORY_COUNT_CONFLICT')
      const counted = { ...lot, quantity: action.quantity }
      return { next: withLots(stock, action.sku, item, [[action.lotNumber, counted]]) }
    }
    case 'dispose': {
      const item = movable(stock, action.sku)
      const lot = item.lots.get(action.lotNumber)
      if (lot === undefined) throw new Refusal('INVENTORY_LOT_NOT_FOUND')
      if (lot.quantity < action.quantity) throw new Refusal('INVENTORY_INSUFFICIENT_STOCK')
      const left = { ...lot, quantity: lot.quantity - action.quantity }
      return { next: withLots(stock, action.sku, item, [[action.lotNumber, left]]) }
    }
    case 'consume': {
      const item = movable(stock, action.sku)
      const lotsConsumed = takeEarliest(item, action.quantity)
      if (lotsConsumed === undefined) throw new Refusal('INVENTORY_INSUFFICIENT_STOCK')
      const left = lotsConsumed.map(({ lotNumber, expiryDate, quantity }): [string, LotModel] => [
        lotNumber,
        {
          expiryDate,
          quantity: (item.lots.get(lotNumber)?.quantity ?? 0) - quantity,
          expired: false,
        },
      ])
      return { next: withLots(stock, action.sku, item, left), lotsConsumed }
    }
  }
}

const runTransaction = (
  { today, stock }: World,
  { statements, rollback }: Action & { kind: 'sql' },
): Stock => {
  let next = stock
  for (const { statement, undone } of statements) {
    const after = run({ today, stock: next }, statement)
    if (!undone) next = after
  }
  if (rollback) throw new Refusal('nothing')
  return next
}

const run = ({ today, stock }: World, statement: Statement): Stock => {
  let next = stock
  for (const sku of statement.skus) {
    const item = next.get(sku)
    if (item === undefined) {
      if (statement.kind === 'put') throw new Refusal('nothing')
      continue
    }
    next = withItem(next, sku, runOnItem(item, statement, today))
  }
  return next
}

const runOnItem = (item: ItemModel, statement: Statement, today: string): ItemModel => {
  if (statement.kind === 'threshold') return { ...item, threshold: statement.threshold }
  if (statement.kind === 'archive') return { ...item, archived: statement.archived }
  const lots = new Map(item.lots)
  if (statement.kind === 'remove') lots.delete(statement.lotNumber)
  if (statement.kind === 'put') {
    for (const { lotNumber, quantity, expiryDate } of statement.lots) {
      lots.set(lotNumber, lotAfter(lots.get(lotNumber), { quantity, expiryDate }, today))
    }
  }
  if (statement.kind === 'shift') {
    for (const [lotNumber, lot] of lots) {
      lots.set(lotNumber, { ...lot, quantity: lot.quantity + statement.delta })
    }
  }
  const possible = [...lots.values()].every(
    ({ quantity }) => quantity >= 0 && quantity <= MAX_QUANTITY,
  )
  if (!possible || totalOf({ lots }) > MAX_QUANTITY) throw new Refusal('nothing')
  return { ...item, lots }
}

const inUse = (stock: Stock, sku: string): ItemModel => {
  const item = stock.get(sku)
  if (item === undefined || item.archived) throw new Refusal('INVENTORY_ITEM_NOT_FOUND')
  return item
}

const movable = (stock: Stock, sku: string): ItemModel => {
  const item = stock.get(sku)
  if (item === undefined) throw new Refusal('INVENTORY_ITEM_NOT_FOUND')
  if (item.archived) throw new Refusal('INVENTORY_ITEM_ARCHIVED')
  return item
}

const refuseOverflow = (stock: Stock, sku: string, lotNumber: string, units: number): void => {
  const item = stock.get(sku)
  const others = item ? totalOf(item) - (item.lots.get(lotNumber)?.quantity ?? 0) : 0
  if (units + others > MAX_QUANTITY) throw new Refusal('INVENTORY_QUANTITY_LIMIT')
}

const withItem = (stock: Stock, sku: string, item: ItemModel): Stock =>
  new Map(stock).set(sku, item)

const withLots = (
  stock: Stock,
  sku: string,
  item: ItemModel,
  lots: readonly (readonly [string, LotModel])[],
): Stock => withItem(stock, sku, { ...item, lots: new Map([...item.lots, ...lots]) })

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
