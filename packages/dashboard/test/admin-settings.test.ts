import { updateItemSchema, type Item } from '@uzima/contracts'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readValue } from '../src/admin/settings/fields.js'
import { readSettingsFile, settingsFile } from '../src/admin/settings/settings-file.js'
import { item } from './item.js'

const stock = (...items: readonly Item[]) => {
  const bySku = new Map(items.map((one) => [one.sku, one]))
  return (sku: string) => bySku.get(sku)
}

describe('a file of settings', () => {
  it('changes nothing when it comes back as it was saved, in either separator', () => {
    const texts = fc.string({ minLength: 1, maxLength: 20 }).filter((text) => {
      const read = readValue('name', text)
      return 'value' in read && read.value === text && text !== ''
    })
    const items = fc.uniqueArray(
      fc.record({
        sku: fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,20}$/),
        name: texts,
        category: fc.option(texts),
        unit: fc.option(texts),
        threshold: fc.integer({ min: 0, max: 2_147_483_647 }),
      }),
      { selector: ({ sku }) => sku, minLength: 1, maxLength: 8 },
    )
    fc.assert(
      fc.property(items, fc.constantFrom(',' as const, ';' as const), (made, separator) => {
        const all = made.map(({ sku, ...rest }) => item(sku, rest))
        expect(readSettingsFile(settingsFile(all, { separator }), stock(...all))).toEqual({
          changes: [],
          refused: [],
          unchanged: all.length,
        })
      }),
    )
  })

  it('shows what each row would change, and what it would leave', () => {
    const file = [
      'SKU;Threshold;Unit;Remark',
      'A;25;;as before',
      'B;1 200;box;',
      'C;10;tablet;',
      'D',
    ].join('\n')
    expect(readSettingsFile(file, stock(item('A'), item('B'), item('C'), item('D')))).toEqual({
      changes: [
        {
          sku: 'A',
          name: 'Name of A',
          line: 2,
          fields: [{ field: 'threshold', before: 10, after: 25 }],
        },
        {
          sku: 'B',
          name: 'Name of B',
          line: 3,
          fields: [
            { field: 'unit', before: 'tablet', after: 'box' },
            { field: 'threshold', before: 10, after: 1_200 },
          ],
        },
      ],
      refused: [],
      unchanged: 2,
    })
  })

  it('refuses rows on their lines, and takes the others', () => {
    const file = [
      'sku,threshold,name',
      'A,12,',
      ',5,',
      'X,5,',
      'A,13,',
      'B,"1,5",',
      'C,-3,',
      'D,99999999999,',
      `E,1,${'n'.repeat(201)}`,
    ].join('\r\n')
    const known = stock(...['A', 'B', 'C', 'D', 'E'].map((sku) => item(sku)))
    const diff = readSettingsFile(file, known)
    expect(diff).toMatchObject({
      changes: [{ sku: 'A', line: 2 }],
      refused: [
        { line: 3, problem: 'no_code' },
        { line: 4, sku: 'X', problem: 'unknown_item' },
        { line: 5, sku: 'A', problem: 'twice', firstLine: 2 },
        { line: 6, sku: 'B', problem: 'not_a_number', field: 'threshold', value: '1,5' },
        { line: 7, sku: 'C', problem: 'not_a_number', value: '-3' },
        { line: 8, sku: 'D', problem: 'too_large' },
        { line: 9, sku: 'E', problem: 'too_long', field: 'name' },
      ],
    })
  })

  it.each([
    ['', { problem: 'empty' }],
    ['sku,threshold\n', { problem: 'empty' }],
    ['name,threshold\nA,1\n', { problem: 'no_code_column' }],
    ['sku,seuil\nA,1\n', { problem: 'no_known_column' }],
    ['sku,name\nA,"x\n', { problem: 'unclosed_quote', line: 2 }],
  ])('that cannot be read says why: %j', (file, problem) => {
    expect(readSettingsFile(file, stock(item('A')))).toEqual(problem)
  })

  it('takes a value exactly where the server would', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('name' as const, 'category' as const, 'unit' as const),
        fc.oneof(
          fc.string({ minLength: 1, unit: 'binary' }),
          fc.string({ minLength: 40, maxLength: 210 }),
          fc.string({
            minLength: 1,
            unit: fc.constantFrom('\u0000', '\ud800', '\u2028', 'a', ' '),
          }),
        ),
        (field, text) => {
          // An empty cell is not read at all.
          fc.pre(text.trim() !== '')
          const read = readValue(field, text)
          const taken = updateItemSchema.safeParse({ [field]: text })
          expect('value' in read).toBe(taken.success)
          if ('value' in read) expect(taken.data).toEqual({ [field]: read.value })
        },
      ),
    )
  })

  it('of 5,000 lines is read in one go', () => {
    const all = Array.from({ length: 5_000 }, (_, index) => item(`SKU-${index.toString()}`))
    const file = settingsFile(all.map((one) => ({ ...one, threshold: one.threshold + 1 })))
    const diff = readSettingsFile(file, stock(...all))
    expect(diff).toMatchObject({ refused: [], unchanged: 0 })
    expect('changes' in diff && diff.changes.length).toBe(5_000)
  })
})
