import type { Item, Lot } from '@uzima/contracts'
import { describe, expect, it } from 'vitest'
import { readCode } from '../src/scan/gs1.js'
import { matchCode, matchScan } from '../src/scan/match.js'
import { item as anItem } from './item.js'

const GTIN = '09501101530003'

const lot = (lotNumber: string, changes: Partial<Lot> = {}): Lot => ({
  lotNumber,
  quantity: 10,
  expiryDate: '2027-06-30',
  receivedAt: '2026-01-01T00:00:00.000Z',
  expired: false,
  ...changes,
})

const item = (sku: string, lots: Lot[], gtins?: unknown): Item =>
  anItem(sku, { name: sku, lots, metadata: gtins === undefined ? {} : { gtins } })

const items = [
  item('AMOX-500', [lot('A-1'), lot('A-2', { expired: true, quantity: 3 })], ['9501101530003']),
  item('PARA-500', [lot('P-1'), lot('SAME')], [7, 'no gtin']),
  item('ZINC', [lot('SAME'), lot('Z-9')]),
]
const find = (text: string): ReturnType<typeof matchCode> => matchCode(readCode(text), items)

describe('a scanned code', () => {
  it('finds the item by its own code, whatever case the scanner types', () => {
    expect(find('amox-500')).toMatchObject({ kind: 'item', item: { sku: 'AMOX-500' }, lot: null })
  })

  it('finds the item by a GTIN of its metadata, however it is written there', () => {
    for (const text of [GTIN, '9501101530003', `]d201${GTIN}`]) {
      expect(find(text)).toMatchObject({ kind: 'item', item: { sku: 'AMOX-500' }, lot: null })
    }
  })

  it('picks the lot that the label names, an expired one as well', () => {
    expect(find(`01${GTIN}1726013110a-2`)).toMatchObject({
      kind: 'item',
      item: { sku: 'AMOX-500' },
      lot: { lotNumber: 'A-2', expired: true },
    })
  })

  it('reads the label so that it names the lot which is here, where a separator was lost', () => {
    expect(find(`01${GTIN}1727063010A-121SERIAL99`)).toMatchObject({
      lot: { lotNumber: 'A-1' },
      code: { label: { lot: 'A-1', serial: 'SERIAL99' }, otherwise: [] },
    })
  })

  it('finds the item by the number of a lot, and asks where two items have one of that number', () => {
    expect(find('P-1')).toMatchObject({ kind: 'item', item: { sku: 'PARA-500' } })
    expect(find('same')).toMatchObject({
      kind: 'several',
      items: [{ sku: 'PARA-500' }, { sku: 'ZINC' }],
    })
  })

  it('says which GTIN is new where only the lot is known', () => {
    expect(find('(01)05901234123457(10)Z-9')).toMatchObject({
      kind: 'item',
      item: { sku: 'ZINC' },
      unknownGtin: '05901234123457',
    })
  })

  it('is unknown where nothing here has it, with what it says', () => {
    expect(find('(01)05901234123457(10)NEW')).toMatchObject({
      kind: 'unknown',
      code: { label: { gtin: '05901234123457', lot: 'NEW' } },
    })
    expect(find('whatever')).toMatchObject({ kind: 'unknown', code: { label: null } })
  })

  it('is found from a scanner that is set for another keyboard', () => {
    expect(matchScan({ text: 'çà&&à"àààà("', asAmerican: '9501101530003' }, items)).toMatchObject({
      kind: 'item',
      item: { sku: 'AMOX-500' },
    })
    expect(matchScan({ text: 'ZINC', asAmerican: 'WINC' }, items)).toMatchObject({ kind: 'item' })
  })
})
