import { alertEventSchema, inventoryUpdateSchema, lowStockSchema } from '@uzima/contracts'
import { printableLine, type Color, type Paint } from '../observability/printable.js'

const MAX_JSON = 400

/** One event as a line for people: time, name, and what it says. Payloads are anybody's, so nothing in them can act. */
export const eventLine = (event: string, payload: unknown, at: Date, paint: Paint): string => {
  const { text, color } = describe(event, payload)
  const time = `${at.toTimeString().slice(0, 8)}.${at.getMilliseconds().toString().padStart(3, '0')}`
  return [
    paint(time, 'grey'),
    paint(printableLine(event).padEnd(18), color),
    printableLine(text),
  ].join('  ')
}

const describe = (event: string, payload: unknown): { text: string; color: Color } => {
  const update = inventoryUpdateSchema.safeParse(payload)
  if (event === 'inventory:update' && update.success) {
    const { seq, type, item } = update.data
    return { text: `${stock(seq, item)} ${type}`, color: 'green' }
  }
  const low = lowStockSchema.safeParse(payload)
  if (event === 'inventory:lowStock' && low.success) {
    const { seq, threshold } = low.data
    return { text: `${stock(seq, low.data)} threshold ${threshold.toString()}`, color: 'red' }
  }
  const change = alertEventSchema.safeParse(payload)
  if (ALERT_EVENTS.test(event) && change.success) {
    const { seq, alert } = change.data
    const { sku, name, lotNumber, kind, state } = alert
    const lot = lotNumber === undefined ? '' : ` lot ${lotNumber}`
    return {
      text: `#${seq.toString()} ${sku} ${name}${lot}: ${kind} ${state}`,
      color: state === 'open' ? 'red' : 'yellow',
    }
  }
  return { text: compact(payload), color: OWN_EVENTS.test(event) ? 'yellow' : 'cyan' }
}

const ALERT_EVENTS = /^alert:(?:raised|changed)$/

/** Those that say something of the session or the log; everything else is some back end's. */
const OWN_EVENTS = /^(?:connected$|auth:|session:|log:)/

const stock = (
  seq: number,
  { sku, name, usableQuantity }: { sku: string; name: string; usableQuantity: number },
): string => `#${seq.toString()} ${sku} ${name}: ${usableQuantity.toString()}`

const compact = (payload: unknown): string => {
  const json = payload === undefined ? '' : JSON.stringify(payload)
  return json.length > MAX_JSON ? `${json.slice(0, MAX_JSON)}...` : json
}
