import { RealtimeError, type ConnectionStatus } from '@uzima/client'
import type { Item } from '@uzima/contracts'
import { describe, expect, it } from 'vitest'
import { describeConnection } from '../src/connection-text.js'
import { daysUntil, describeExpiry } from '../src/format.js'
import { describeRefusal } from '../src/refusal-text.js'
import { filterStock } from '../src/stock-filter.js'

// Without a zone: noon and the clock times below are of the device, as on the screen.
const now = new Date('2026-03-10T14:03:30').getTime()
const at = (clock: string): number => new Date(`2026-03-10T${clock}`).getTime()

const status = (changes: Partial<ConnectionStatus>): ConnectionStatus => ({
  phase: 'connected',
  code: 'CONNECTED',
  reason: 'Connected',
  since: at('09:00:00'),
  synced: true,
  lastContactAt: at('14:03:07'),
  ...changes,
})

describe('the connection bar', () => {
  it('says live, and when the server last confirmed it', () => {
    expect(describeConnection(status({}), at('14:03:07'), now)).toEqual({
      kind: 'live',
      title: 'Live',
      detail: 'Confirmed at 14:03:07.',
    })
  })

  it('does not say live after a long silence on an open connection', () => {
    const silent = status({ lastContactAt: at('14:02:00') })
    expect(describeConnection(silent, at('14:02:00'), now)).toMatchObject({
      kind: 'stale',
      title: 'No word from the server since 14:02:00',
    })
  })

  it('does not say live while a snapshot is missing', () => {
    expect(describeConnection(status({ synced: false }), null, now).kind).toBe('loading')
  })

  it('says since when it reconnects and of when the stock is', () => {
    const lost = status({
      phase: 'connecting',
      code: 'CONNECTION_LOST',
      reason: 'Connection lost',
      since: at('14:03:10'),
      synced: false,
    })
    expect(describeConnection(lost, at('14:03:07'), now)).toEqual({
      kind: 'stale',
      title: 'Reconnecting since 14:03:10',
      detail: 'Stock as of 14:03:07. It may have changed. Connection lost.',
    })
  })

  it('says that waiting does not help where it does not', () => {
    const ended = status({
      phase: 'disconnected',
      code: 'UNEXPECTED_ANSWER',
      reason: 'This is not the service',
      synced: false,
    })
    expect(describeConnection(ended, at('14:03:07'), now)).toMatchObject({
      kind: 'ended',
      detail:
        'This is not the service (UNEXPECTED_ANSWER). Stock as of 14:03:07. It does not update any more.',
    })
  })
})

describe('expiry', () => {
  it.each([
    ['2026-03-07', -3, 'expired 3 days ago'],
    ['2026-03-10', 0, 'expires today'],
    ['2026-03-11', 1, '1 day left'],
    ['2027-03-10', 365, '365 days left'],
  ])('counts %s as %i days', (date, days, text) => {
    expect(daysUntil(date, now)).toBe(days)
    expect(describeExpiry({ expiryDate: date, expired: days < 0 }, now)).toBe(text)
  })
})

it('leaves it to the server whether a lot has expired', () => {
  expect(describeExpiry({ expiryDate: '2026-03-10', expired: true }, now)).toBe('expired')
  expect(describeExpiry({ expiryDate: '2026-03-09', expired: false }, now)).toBe('expires today')
})

describe('a refusal', () => {
  const refused = (code: string, details: Record<string, unknown>) =>
    new RealtimeError(code, 'Refused here', { retryable: false, status: 409, details })

  it('names what was asked for and what there is', () => {
    const error = refused('INVENTORY_INSUFFICIENT_STOCK', { requested: 1200, available: 62 })
    expect(describeRefusal(error).lines).toEqual(['Requested: 1,200', 'Available: 62'])
  })

  it('names the fields that are wrong', () => {
    const error = refused('VALIDATION_FAILED', {
      errors: [{ path: 'expiryDate', message: 'is not a date' }, 'junk'],
    })
    expect(describeRefusal(error).lines).toEqual(['Refused here', 'expiryDate: is not a date'])
  })

  it('does not claim that nothing happened when no answer came', () => {
    const error = new RealtimeError('TIMEOUT', 'no answer', { retryable: true })
    expect(describeRefusal(error).title).toBe('No answer from the server')
  })
})

describe('the stock filter', () => {
  const item = (name: string, changes: Partial<Item> = {}): Item => ({
    sku: name.toUpperCase(),
    name,
    category: 'Antibiotics',
    unit: 'tablet',
    threshold: 5,
    totalQuantity: 10,
    usableQuantity: 10,
    expiredQuantity: 0,
    lowStock: false,
    version: 1,
    lots: [],
    metadata: {},
    updatedAt: '2026-01-01T00:00:00.000Z',
    ...changes,
  })
  const lot = (quantity: number, expiryDate: string, expired = false) => ({
    lotNumber: 'L',
    quantity,
    expiryDate,
    receivedAt: '2026-01-01T00:00:00.000Z',
    expired,
  })
  const names = (items: readonly Item[]): string[] => items.map(({ name }) => name)

  it('finds every word in name, code or category, in any case', () => {
    const items = [item('amoxicillin 500'), item('amoxicillin 250'), item('zinc')]
    expect(names(filterStock(items, { scope: 'all', search: 'ANTI amox 25' }, now))).toEqual([
      'amoxicillin 250',
    ])
  })

  it('sorts by name and puts 250 mg before 1000 mg', () => {
    const items = [item('zinc'), item('amoxicillin 1000'), item('amoxicillin 250')]
    expect(names(filterStock(items, { scope: 'all', search: '' }, now))).toEqual([
      'amoxicillin 250',
      'amoxicillin 1000',
      'zinc',
    ])
  })

  it('counts an item as expiring only for a lot that holds stock', () => {
    const items = [
      item('soon', { lots: [lot(1, '2026-04-01')] }),
      item('late', { lots: [lot(1, '2027-04-01')] }),
      item('empty', { lots: [lot(0, '2026-04-01')] }),
      item('past', { lots: [lot(2, '2026-03-09', true), lot(3, '2027-03-09')] }),
    ]
    expect(names(filterStock(items, { scope: 'expiring', search: '' }, now))).toEqual([
      'past',
      'soon',
    ])
  })

  it('shows what is low', () => {
    const items = [item('low', { lowStock: true }), item('enough')]
    expect(names(filterStock(items, { scope: 'low', search: '' }, now))).toEqual(['low'])
  })
})
