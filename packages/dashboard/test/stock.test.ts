import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createFindSimilar } from '../src/search/similar.js'
import { addressOf } from '../src/shell/address.js'
import { needingAttention } from '../src/stock/attention.js'
import { listHref, readList, SHOWS, SORTS } from '../src/stock/stock-query.js'
import { itemOf, lotOf } from './items.js'

describe('a search that forgives spelling', () => {
  const names = [
    'Paracetamol 500 mg tablet',
    'Azithromycin 250 mg capsule',
    'Hydrochlorothiazide 25 mg tablet',
    'Ciprofloxacin 500 mg tablet',
    'Métronidazole 250 mg comprimé',
    'Oral rehydration salts sachet',
  ]
  const items = names.map((name, index) =>
    itemOf(`SKU-${index.toString()}`, { name, lots: [lotOf('2031-01-31')] }),
  )
  const findSimilar = createFindSimilar()
  const find = (search: string): string[] => findSimilar(items, search).map(({ name }) => name)

  it('finds a word with any one slip after its first letter', () => {
    const word = fc.constantFrom(
      ...['paracetamol', 'azithromycin', 'hydrochlorothiazide', 'ciprofloxacin', 'metronidazole'],
    )
    const slip = fc.constantFrom('left out', 'doubled', 'another', 'swapped')
    fc.assert(
      fc.property(word, slip, fc.nat(), (whole, kind, position) => {
        const at = 1 + (position % (whole.length - 2))
        const typed = misspell(whole, kind, at)
        expect(
          find(typed)
            .map(plain)
            .some((name) => name.startsWith(whole)),
          typed,
        ).toBe(true)
      }),
    )
  })

  it('takes words in any order, and numbers by the letter', () => {
    expect(find('250 azitromycin')).toEqual(['Azithromycin 250 mg capsule'])
    expect(find('azitromycin 500')).toEqual([])
  })

  it('never fails, whatever is typed', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (search) => {
        expect(Array.isArray(find(search))).toBe(true)
      }),
      { numRuns: 30 },
    )
    for (const search of ['(', '[a-', '\\', '"', '-', '"a', 'a.*', '+']) find(search)
  })
})

const plain = (text: string): string =>
  text
    .normalize('NFD')
    .replaceAll(/\p{Mn}/gu, '')
    .toLowerCase()

const misspell = (word: string, kind: string, at: number): string => {
  const [before, letter = '', next = '', after] = [
    word.slice(0, at),
    word[at],
    word[at + 1],
    word.slice(at + 2),
  ]
  switch (kind) {
    case 'left out':
      return before + next + after
    case 'doubled':
      return before + letter + letter + next + after
    case 'swapped':
      return before + next + letter + after
    default:
      return `${before}x${next}${after}`
  }
}

describe('a link to a list', () => {
  it('leads to the same list, with the same item open', () => {
    const state = fc.record({
      show: fc.constantFrom(...SHOWS),
      search: fc.string({ unit: 'grapheme', maxLength: 20 }),
      category: fc.string({ unit: 'grapheme', maxLength: 20 }),
      sort: fc.constantFrom(...SORTS),
    })
    fc.assert(
      fc.property(state, fc.string({ unit: 'grapheme', minLength: 1 }), (list, sku) => {
        // As a browser reads it back.
        const { hash } = new URL(listHref(list, sku), 'http://clinic.example/uzima/')
        const { path, query } = addressOf(hash)
        expect(readList(query)).toEqual(list)
        expect(path).toBe(`/stock/${encodeURIComponent(sku)}`)
      }),
    )
  })

  it('that somebody has changed by hand leads to a list all the same', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const { query } = addressOf(`#/stock?show=${text}&sort=${text}`)
        expect(SHOWS).toContain(readList(query).show)
      }),
    )
  })
})

describe('what the screen on the wall shows', () => {
  it('is what needs attention, the most urgent first, by name where that is equal', () => {
    const items = [
      itemOf('fine', { lots: [lotOf('2031-01-31')] }),
      itemOf('soon', { lots: [lotOf('2026-03-31')] }),
      itemOf('empty lot', { lots: [lotOf('2026-03-31', { quantity: 0 })] }),
      itemOf('low a', { lowStock: true }),
      itemOf('low b', { lowStock: true }),
      itemOf('expired', { expiredQuantity: 3, lowStock: true }),
      itemOf('out', { usableQuantity: 0, expiredQuantity: 3 }),
    ]
    expect(
      needingAttention(items, '2026-04-01').map(({ item, attention }) => [item.sku, attention]),
    ).toEqual([
      ['out', 'out'],
      ['expired', 'expired'],
      ['low a', 'low'],
      ['low b', 'low'],
      ['soon', 'soon'],
    ])
  })
})
