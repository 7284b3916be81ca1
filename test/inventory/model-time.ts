import type { Action, ItemModel, LotModel, Outcome, Stock, World } from './model-types.js'

/** Lets days go by; where somebody writes what is due, it is as if he had been awake at each midnight. */
export const sleep = (
  world: World,
  { days, written }: Extract<Action, { kind: 'sleep' }>,
): Outcome => {
  const later = { ...world, today: addDays(world.today, days) }
  if (!written) return { world: later, result: 'ok', alerts: [] }
  const ends = [...world.stock.values()].flatMap(({ lots }) =>
    [...lots.values()].filter(({ expired }) => !expired).map(({ expiryDate }) => expiryDate),
  )
  let now: { world: World; alerts: readonly string[] } = { world: later, alerts: [] }
  for (const end of [...new Set(ends)].sort()) {
    if (end >= later.today) break
    const { world: after, alerts } = expire({ ...now.world, today: addDays(end, 1) }, [
      ...world.stock.keys(),
    ])
    now = { world: { ...after, today: later.today }, alerts: [...now.alerts, ...alerts] }
  }
  return { ...now, result: 'ok' }
}

/** That a lot of the item has expired is written before anything is given out of it, whatever becomes of that. */
export const expireBeforeConsumption = (
  world: World,
  sku: string,
): { world: World; alerts: readonly string[] } => {
  const item = world.stock.get(sku)
  const isOver = ({ quantity, expired, expiryDate }: LotModel): boolean =>
    quantity > 0 && !expired && expiryDate < world.today
  if (item === undefined || item.archived || ![...item.lots.values()].some(isOver)) {
    return { world, alerts: [] }
  }
  return expire(world, [sku])
}

/** Writes which lots of `skus` have expired by today. */
const expire = (world: World, skus: readonly string[]): { world: World; alerts: string[] } => {
  const stock = new Map(world.stock)
  for (const sku of skus) {
    const item = stock.get(sku)
    if (item === undefined) continue
    const lots = [...item.lots].map(([lotNumber, lot]): [string, LotModel] => [
      lotNumber,
      { ...lot, expired: lot.expired || lot.expiryDate < world.today },
    ])
    stock.set(sku, { ...item, lots: new Map(lots) })
  }
  const announced = announce(stock)
  return { world: { ...world, stock: announced.stock }, alerts: announced.alerts }
}

/** A lot that is new, or gets another date, is judged by it at once; time alone changes nothing here. */
export const lotAfter = (
  before: LotModel | undefined,
  lot: Omit<LotModel, 'expired'>,
  today: string,
): LotModel => ({
  ...lot,
  expired: before?.expiryDate === lot.expiryDate ? before.expired : lot.expiryDate < today,
})

/** Announces what is low now and was not, once, and re-arms what is not low any more. */
export const announce = (stock: Stock): { stock: Stock; alerts: string[] } => {
  const alerts: string[] = []
  const next = new Map(stock)
  for (const [sku, item] of stock) {
    const low = usableOf(item) <= item.threshold
    if (low === item.announced) continue
    next.set(sku, { ...item, announced: low })
    if (low && !item.archived) alerts.push(sku)
  }
  return { stock: next, alerts: alerts.sort() }
}

/** Units of an item that can be given out. */
export const usableOf = ({ lots }: Pick<ItemModel, 'lots'>): number =>
  [...lots.values()].reduce((sum, lot) => (lot.expired ? sum : sum + lot.quantity), 0)

/** Units of an item. */
export const totalOf = ({ lots }: Pick<ItemModel, 'lots'>): number =>
  [...lots.values()].reduce((sum, lot) => sum + lot.quantity, 0)

const addDays = (date: string, days: number): string =>
  new Date(Date.parse(`${date}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10)
