import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeText, readCsv, UnclosedQuote } from '../src/admin/csv/read-csv.js'
import { BYTE_ORDER_MARK, csvLine } from '../src/admin/csv/write-csv.js'

const cells = (text: string) => readCsv(text).map((row) => row.cells)

describe('a file of comma-separated values', () => {
  it('comes back as it was written, whatever stands in it', () => {
    const text = fc.oneof(
      fc.string(),
      fc.string({
        unit: fc.constantFrom(',', ';', '\t', '"', '\n', '\r', "'", '=', '-', ' ', 'a'),
      }),
    )
    fc.assert(
      fc.property(
        fc.constantFrom(',' as const, ';' as const),
        fc.array(fc.tuple(text, text, text), { maxLength: 8 }),
        (separator, rows) => {
          const header = csvLine(['sku', 'name', 'unit'], { separator })
          const file = rows.map((row) => csvLine(row, { separator })).join('')
          expect(cells(BYTE_ORDER_MARK + header + file).slice(1)).toEqual(
            // A row without any text is nobody's.
            rows.filter((row) => row.some((cell) => cell.trim() !== '')),
          )
        },
      ),
      { numRuns: 500 },
    )
  })

  it('gives each row the line on which it begins, also after cells of several lines', () => {
    const file = 'sku,note\r\nA,"one\r\ntwo\nthree"\r\n\r\nB,x\rC,y\n'
    expect(readCsv(file)).toEqual([
      { line: 1, cells: ['sku', 'note'] },
      { line: 2, cells: ['A', 'one\r\ntwo\nthree'] },
      { line: 6, cells: ['B', 'x'] },
      { line: 7, cells: ['C', 'y'] },
    ])
  })

  it.each([
    ['comma', 'sku,name\nA,"x;y;z"'],
    ['semicolon', 'sku;name\nA;x;y;z'.replace('x;y;z', '"x;y;z"')],
    ['tab', 'sku\tname\nA\tx;y;z'],
    ['semicolon, with commas in a quoted head', '"s,k,u";name\nA;"x;y;z"'],
  ])('may be separated by %s', (_name, file) => {
    expect(cells(file)[1]).toEqual(['A', 'x;y;z'])
  })

  it('leaves out the empty rows that sheets put at the end', () => {
    expect(cells('sku;name\r\nA;b\r\n;;\r\n ; \r\n')).toEqual([
      ['sku', 'name'],
      ['A', 'b'],
    ])
  })

  it('says on which line a quote was opened that nothing closes', () => {
    expect(() => readCsv('sku,name\nA,b\nB,"c\nC,d\n')).toThrow(
      expect.objectContaining({ name: 'UnclosedQuote', line: 3 }),
    )
    expect(() => readCsv('"')).toThrow(UnclosedQuote)
  })

  it.each(['=1+1', '+49 1', '-1', '@SUM(A1)', '\t=1', '\r=1', "'=1"])(
    'shows %j to a sheet as text',
    (formula) => {
      const written = csvLine([formula])
      expect(written.replace(/^"/, '')).toMatch(/^'/)
      expect(cells(`x,y\n${csvLine([formula, 'y'])}`)[1]?.[0]).toBe(formula)
    },
  )

  it('leaves numbers and ordinary texts alone', () => {
    expect(csvLine(['AMOX-500', 12, null, "d'eau", 'a "b"'])).toBe(
      `AMOX-500,12,,d'eau,"a ""b"""\r\n`,
    )
  })
})

describe('the bytes of a file', () => {
  const text = 'sku;name\r\nA;comprimé'
  const utf16 = (littleEndian: boolean): Uint8Array => {
    const marked = `\ufeff${text}`
    const view = new DataView(new ArrayBuffer(2 * marked.length))
    for (let index = 0; index < marked.length; index += 1) {
      view.setUint16(2 * index, marked.charCodeAt(index), littleEndian)
    }
    return new Uint8Array(view.buffer)
  }
  it.each([
    ['UTF-8', new TextEncoder().encode(text)],
    ['UTF-8 with a mark', new TextEncoder().encode(`\ufeff${text}`)],
    ['UTF-16, as Excel calls Unicode', utf16(true)],
    ['UTF-16 of the other order', utf16(false)],
    ['the code page of an English or French Excel', Uint8Array.from(Buffer.from(text, 'latin1'))],
  ])('are read as %s', (_name, bytes) => {
    expect(cells(decodeText(bytes))[1]).toEqual(['A', 'comprimé'])
  })
})
