import { canonical } from '../clients/replica.js'
import type { DumpedMovement } from '../dump.js'
import { pushTo, type Facts } from './facts.js'
import { createStockModel, type ModelLot, type StockModel } from './stock-model.js'
import type { Violation } from './violation.js'
import { movementsBySeq } from './writes.js'

interface EventItem {
  readonly sku: string
  readonly totalQuantity: number
  readonly usableQuantity: number
  readonly version: number
  readonly lots: readonly ModelLot[]
}

/** States that an item went through, in order. */
interface ItemHistory {
  readonly byVersion: Map<number, string>
  readonly available: { readonly from: number; readonly units: number }[]
}

/** I7 and I8: a model that knows nothing but the movements is replayed in the order of the numbers. */
export const checkStock = (facts: Facts): Violation[] => {
  const model = createStockModel()
  const movements = movementsBySeq(facts)
  const histories = new Map<string, ItemHistory>()
  const found: Violation[] = []
  const say = (invariant: string, detail: string): void => {
    found.push({ invariant, detail })
  }

  for (const entry of facts.dump.log) {
    if (entry.name !== 'inventory:update') continue
    // The database builds this payload; its shape is that of the contract.
    const item = entry.payload['item'] as EventItem
    const { sku } = item
    for (const movement of movements.get(entry.seq) ?? []) {
      const fault = orderFault(movement, model, facts)
      if (fault !== undefined) say('I8', fault)
      for (const problem of model.apply(movement)) say('I7', problem)
    }
    if (!sameLots(model.lotsOf(sku), item.lots) || model.totalOf(sku) !== item.totalQuantity) {
      say('I7', `${sku} at ${String(entry.seq)} is not what its movements make`)
    }
    if (model.availableOf(sku, facts.dump.today) !== item.usableQuantity) {
      say('I7', `${sku} at ${String(entry.seq)} does not tell what can be given out`)
    }
    const history: ItemHistory = histories.get(sku) ?? { byVersion: new Map(), available: [] }
    histories.set(sku, history)
    history.byVersion.set(item.version, canonical(item))
    history.available.push({
      from: facts.committedAt(entry),
      units: model.availableOf(sku, facts.dump.today),
    })
  }
  for (const item of facts.dump.items) {
    const { sku, lots } = item as unknown as EventItem
    if (!sameLots(model.lotsOf(sku), lots)) say('I7', `${sku} ends otherwise than its movements`)
  }
  return [...found, ...wrongAnswers(facts, histories)]
}

const sameLots = (made: readonly ModelLot[], told: readonly ModelLot[]): boolean =>
  lotText(made) === lotText(told)

const lotText = (lots: readonly ModelLot[]): string =>
  lots
    .map(({ lotNumber, expiryDate, quantity }) => `${expiryDate}/${lotNumber}=${String(quantity)}`)
    .join()

/** What a consumption took against what it had to take, as stock stood at its number. */
const orderFault = (
  { id, sku, type, delta, lots }: DumpedMovement,
  model: StockModel,
  { dump }: Facts,
): string | undefined => {
  if (type !== 'consumed') return undefined
  const expected = model.allocation(sku, -delta, dump.today)
  const isSame =
    expected?.size === lots.length &&
    lots.every(({ lotNumber, delta: taken }) => expected.get(lotNumber) === -taken)
  return isSame ? undefined : `movement ${String(id)} of ${sku} took other lots than the earliest`
}

// Commit times are those of the log's own clock reading, some ms before the answer.
const SLACK_MS = 1_000

const wrongAnswers = (facts: Facts, histories: ReadonlyMap<string, ItemHistory>): Violation[] => {
  const found: Violation[] = []
  const consumed = new Map<string, DumpedMovement[]>()
  for (const movement of facts.dump.movements) {
    if (movement.type === 'consumed' && movement.reason !== null) {
      pushTo(consumed, movement.reason, movement)
    }
  }
  for (const [id, records] of facts.writes) {
    const [invoke] = records
    if (invoke?.phase !== 'invoke' || invoke.via === 'sql') continue
    const history = histories.get(invoke.sku)
    for (const record of records) {
      if (record.phase === 'ok' && record.version !== null) {
        const told = history?.byVersion.get(record.version)
        if (told !== canonical(record.item)) {
          found.push({ invariant: 'I7', detail: `the answer to ${id} is not what the log says` })
        }
        const taken = consumed.get(id)?.[0]?.lots.map((lot) => ({
          lotNumber: lot.lotNumber,
          expiryDate: lot.expiryDate,
          quantity: -lot.delta,
        }))
        if (invoke.kind === 'consume' && canonical(taken) !== canonical(record.lotsConsumed)) {
          found.push({ invariant: 'I7', detail: `the answer to ${id} names other lots` })
        }
      }
      if (record.phase === 'refused' && record.code === 'INVENTORY_INSUFFICIENT_STOCK') {
        const { available } = record
        const since = invoke.t - SLACK_MS
        const until = record.t + SLACK_MS
        const was = history?.available.some(
          ({ from, units }, index) =>
            units === available &&
            from <= until &&
            (history.available[index + 1]?.from ?? Number.POSITIVE_INFINITY) >= since,
        )
        if (was !== true || available === null || available >= invoke.quantity) {
          found.push({ invariant: 'I7', detail: `${id} was refused for a stock that never was` })
        }
      }
    }
  }
  return found
}
