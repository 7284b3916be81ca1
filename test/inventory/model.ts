import { MAX_QUANTITY, type ErrorCode, type LotConsumed } from '@uzima/contracts'
import { allocate } from '../../src/inventory/allocation.js'

/** Before every date that a test runs on. */
export const EXPIRED = '2001-01-01'

export interface LotModel {
  readonly quantity: number
  readonly expiryDate: string
}

export interface ItemModel {
  readonly threshold: number
  readonly archived: boolean
  /** Whether the item counts as low and was announced; a new item does. */
  readonly announced: boolean
  readonly lots: ReadonlyMap<string, LotModel>
}

/** All stock: items by sku. */
export type Stock = ReadonlyMap<string, ItemModel>

/** One statement of plain SQL. */
export type Statement =
  | { readonly kind: 'shift'; readonly skus: readonly string[]; readonly delta: number }
  | { readonly kind: 'put'; readonly skus: readonly string[]; readonly lots: readonly Lot[] }
  | { readonly kind: 'remove'; readonly skus: readonly string[]; readonly lotNumber: string }
  | { readonly kind: 'threshold'; readonly skus: readonly string[]; readonly threshold: number }
  | { readonly kind: 'archive'; readonly skus: readonly string[]; readonly archived: boolean }

export interface Lot extends LotModel {
  readonly lotNumber: string
}

/** What a client of the service, or a program with plain SQL, may try. */
export type Action =
  | { readonly kind: 'create'; readonly sku: string; readonly threshold: number }
  | { readonly kind: 'receive'; readonly sku: string; readonly lot: Lot }
  | {
      readonly kind: 'consume'
      readonly sku: string
      readonly quantity: number
      readonly allowExpired: boolean
    }
  | {
      readonly kind: 'adjust'
      readonly sku: string
      readonly lotNumber: string
      readonly quantity: number
    }
  | { readonly kind: 'update'; readonly sku: string; readonly threshold: number }
  | { readonly kind: 'retire'; readonly sku: string }
  | {
      readonly kind: 'sql'
      readonly statements: readonly { readonly statement: Statement; readonly undone: boolean }[]
      readonly rollback: boolean
    }

export interface Outcome {
  readonly stock: Stock
  /** `ok`, the service's refusal, or that a transaction of plain SQL left nothing. */
  readonly result: 'ok' | 'nothing' | ErrorCode
  readonly lotsConsumed?: readonly LotConsumed[]
  /** Skus that fell to or below their threshold, sorted. */
  readonly alerts: readonly string[]
}

/** Does `action` as the whole system is expected to: all or nothing. */
export const act = (stock: Stock, action: Action): Outcome => {
  try {
    const { next, lotsConsumed } = change(stock, action)
    return { ...announce(next), result: 'ok', ...(lotsConsumed ? { lotsConsumed } : {}) }
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal
    return { stock, result: refusal.code, alerts: [] }
  }
}

/** Units of an item. */
export const totalOf = ({ lots }: Pick<ItemModel, 'lots'>): number =>
  [...lots.values()].reduce((sum, lot) => sum + lot.quantity, 0)

/** The lots that `quantity` units come from, or undefined where there are fewer. */
export const takeEarliest = (
  { lots }: Pick<ItemModel, 'lots'>,
  quantity: number,
  allowExpired: boolean,
): LotConsumed[] | undefined =>
  allocate(
    [...lots]
      .map(([lotNumber, lot]) => ({ lotNumber, ...lot }))
      .filter((lot) => lot.quantity > 0 && (allowExpired || lot.expiryDate > EXPIRED))
      .sort((a, b) => compare(a.expiryDate, b.expiryDate) || compare(a.lotNumber, b.lotNumber)),
    quantity,
  )

/** Announces what is low now and was not, once, and re-arms what is not low any more. */
export const announce = (stock: Stock): { stock: Stock; alerts: string[] } => {
  const alerts: string[] = []
  const next = new Map(stock)
  for (const [sku, item] of stock) {
    const low = totalOf(item) <= item.threshold
    if (low === item.announced) continue
    next.set(sku, { ...item, announced: low })
    if (low && !item.archived) alerts.push(sku)
  }
  return { stock: next, alerts: alerts.sort() }
}

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

const change = (stock: Stock, action: Action): Changed => {
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
      return { next: runTransaction(stock, action) }
    case 'receive': {
      const { lotNumber, quantity, expiryDate } = action.lot
      const there = stock.get(action.sku)?.lots.get(lotNumber)
      const units = (there?.quantity ?? 0) + quantity
      const mismatch = there !== undefined && there.expiryDate !== expiryDate
      if (stock.has(action.sku) && !mismatch) refuseOverflow(stock, action.sku, lotNumber, units)
      const item = movable(stock, action.sku)
      if (mismatch) throw new Refusal('INVENTORY_LOT_MISMATCH')
      return {
        next: withLots(stock, action.sku, item, [[lotNumber, { quantity: units, expiryDate }]]),
      }
    }
    case 'adjust': {
      const lot = stock.get(action.sku)?.lots.get(action.lotNumber)
      if (lot) refuseOverflow(stock, action.sku, action.lotNumber, action.quantity)
      const item = movable(stock, action.sku)
      if (lot === undefined) throw new Refusal('INVENTORY_LOT_NOT_FOUND')
      const counted = { ...lot, quantity: action.quantity }
      return { next: withLots(stock, action.sku, item, [[action.lotNumber, counted]]) }
    }
    case 'consume': {
      const item = movable(stock, action.sku)
      const lotsConsumed = takeEarliest(item, action.quantity, action.allowExpired)
      if (lotsConsumed === undefined) throw new Refusal('INVENTORY_INSUFFICIENT_STOCK')
      const left = lotsConsumed.map(({ lotNumber, expiryDate, quantity }): [string, LotModel] => [
        lotNumber,
        { expiryDate, quantity: (item.lots.get(lotNumber)?.quantity ?? 0) - quantity },
      ])
      return { next: withLots(stock, action.sku, item, left), lotsConsumed }
    }
  }
}

const runTransaction = (
  stock: Stock,
  { statements, rollback }: Action & { kind: 'sql' },
): Stock => {
  let next = stock
  for (const { statement, undone } of statements) {
    const after = run(next, statement)
    if (!undone) next = after
  }
  if (rollback) throw new Refusal('nothing')
  return next
}

const run = (stock: Stock, statement: Statement): Stock => {
  let next = stock
  for (const sku of statement.skus) {
    const item = next.get(sku)
    if (item === undefined) {
      if (statement.kind === 'put') throw new Refusal('nothing')
      continue
    }
    next = withItem(next, sku, runOnItem(item, statement))
  }
  return next
}

const runOnItem = (item: ItemModel, statement: Statement): ItemModel => {
  if (statement.kind === 'threshold') return { ...item, threshold: statement.threshold }
  if (statement.kind === 'archive') return { ...item, archived: statement.archived }
  const lots = new Map(item.lots)
  if (statement.kind === 'remove') lots.delete(statement.lotNumber)
  if (statement.kind === 'put') {
    for (const { lotNumber, quantity, expiryDate } of statement.lots) {
      lots.set(lotNumber, { quantity, expiryDate })
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
