import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createKeyReader, type Key, type Scan } from '../src/scan/keys.js'

const key = (letter: string, timeStamp: number, changes: Partial<Key> = {}): Key => ({
  key: letter,
  code: '',
  ctrlKey: false,
  altKey: false,
  metaKey: false,
  shiftKey: false,
  repeat: false,
  timeStamp,
  ...changes,
})

/** Presses keys at the given distances and gives what was taken for a scan. */
const pressAll = (letters: readonly string[], gaps: readonly number[]): Scan[] => {
  const reader = createKeyReader()
  let at = 1000
  return letters.flatMap((letter, index) => {
    at += gaps[index] ?? 0
    const verdict = reader.press(key(letter, at))
    return verdict.kind === 'scan' ? [verdict.scan] : []
  })
}

const letters = fc.array(fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 1 }), {
  minLength: 6,
  maxLength: 60,
})

describe('a scanner', () => {
  it('is heard out from the first key to Enter, whatever was typed slowly before', () => {
    fc.assert(
      fc.property(
        letters,
        fc.infiniteStream(fc.integer({ min: 0, max: 34 })),
        fc.array(fc.constantFrom('a', 'Backspace', 'Tab', 'Enter', '7')),
        (text, gaps, earlier) => {
          const scans = pressAll(
            [...earlier, ...text, 'Enter'],
            [...earlier.map(() => 150), 90, ...gaps.take(text.length)],
          )
          expect(scans.map((scan) => scan.text)).toEqual([text.join('')])
        },
      ),
    )
  })

  it('may press Shift between its letters, and Ctrl-] for the separator', () => {
    const reader = createKeyReader()
    const keys = [
      key('Shift', 0),
      key('A', 5, { shiftKey: true, code: 'KeyA' }),
      key('1', 10),
      key('Control', 12, { ctrlKey: true }),
      key(']', 14, { ctrlKey: true, code: 'BracketRight' }),
      ...Array.from('2345', (digit, index) => key(digit, 20 + index)),
    ]
    for (const pressed of keys) reader.press(pressed)
    expect(reader.press(key('Enter', 30))).toMatchObject({
      kind: 'scan',
      scan: { text: 'A1\u001d2345' },
    })
  })

  it('that is set for an American keyboard is understood on a French one', () => {
    const reader = createKeyReader()
    Array.from('à&çé(_', (letter, index) =>
      reader.press(key(letter, index * 5, { code: `Digit${'019258'[index] ?? ''}` })),
    )
    expect(reader.press(key('Enter', 30))).toMatchObject({
      kind: 'scan',
      scan: { text: 'à&çé(_', asAmerican: '019258' },
    })
  })
})

describe('a person', () => {
  it('is never taken for a scanner, however fast, while one gap is a person’s', () => {
    fc.assert(
      fc.property(
        letters,
        fc.infiniteStream(fc.integer({ min: 0, max: 34 })),
        fc.nat({ max: 5 }),
        fc.integer({ min: 35, max: 400 }),
        (text, stream, fromTheEnd, pause) => {
          const gaps = [...stream.take(text.length + 1)]
          // A person's gap among the last six: what is left is too short for a scan.
          gaps[gaps.length - 1 - fromTheEnd] = pause
          expect(pressAll([...text, 'Enter'], gaps)).toEqual([])
        },
      ),
    )
  })

  it('who holds a key down, then presses Enter, has not scanned', () => {
    const reader = createKeyReader()
    for (let index = 0; index < 40; index += 1) {
      reader.press(key('0', index * 30, { repeat: index > 0 }))
    }
    expect(reader.press(key('Enter', 1210))).toEqual({ kind: 'typing' })
  })

  it('who uses a shortcut or an arrow has not scanned', () => {
    for (const other of [
      key('a', 9, { ctrlKey: true }),
      key('ArrowLeft', 9),
      key('v', 9, { metaKey: true }),
    ]) {
      const reader = createKeyReader()
      Array.from('12345', (digit, index) => reader.press(key(digit, index)))
      reader.press(other)
      Array.from('67890', (digit, index) => reader.press(key(digit, 10 + index)))
      expect(reader.press(key('Enter', 20))).toEqual({ kind: 'typing' })
    }
  })
})
