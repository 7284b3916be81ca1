import { GROUP_SEPARATOR } from './gs1-elements.js'

/** What of a `KeyboardEvent` tells a scanner from a person. */
export interface Key {
  readonly key: string
  /** The place on the keyboard, for example `Digit1`. */
  readonly code: string
  readonly ctrlKey: boolean
  readonly altKey: boolean
  readonly metaKey: boolean
  readonly shiftKey: boolean
  /** Held down, so that it types by itself. */
  readonly repeat: boolean
  /** When it was pressed, in milliseconds; the event's own time, which a busy page does not put off. */
  readonly timeStamp: number
}

/** What a scanner has typed. */
export interface Scan {
  readonly text: string
  /**
   * The same keys on an American keyboard, for which scanners are set when they come; on a French one such a scanner types
   * `&é"` in place of digits.
   */
  readonly asAmerican: string
}

/** What to do with a key: `begins` and `goes on` are what may become a scan, and `scan` is its end. */
export type Verdict =
  | { readonly kind: 'begins' | 'goes on' | 'typing' }
  | { readonly kind: 'scan'; readonly scan: Scan }

export interface KeyReader {
  /** Takes the next key that was pressed on the page, wherever the focus is. */
  readonly press: (key: Key) => Verdict
}

/** A person's fastest keys are some 60 ms apart over any length, a scanner's below 20. */
const FASTEST_PERSON_MS = 35
const SHORTEST_SCAN = 6
/** They come between the letters of a scanner as well. */
const MODIFIERS: ReadonlySet<string> = new Set(['Shift', 'Control', 'Alt', 'AltGraph', 'CapsLock'])

/** Tells a scanner, that is six keys or more and Enter, each at once after the other, from a person who types. */
export const createKeyReader = (): KeyReader => {
  let text = ''
  let american = ''
  let last = -Infinity

  const forget = (): void => {
    text = ''
    american = ''
    last = -Infinity
  }

  return {
    press: (key) => {
      if (MODIFIERS.has(key.key)) return { kind: text === '' ? 'typing' : 'goes on' }
      if (key.timeStamp - last >= FASTEST_PERSON_MS || key.repeat) forget()
      if (key.key === 'Enter') {
        const scan = { text, asAmerican: american }
        forget()
        return scan.text.length >= SHORTEST_SCAN ? { kind: 'scan', scan } : { kind: 'typing' }
      }
      const letter = key.repeat ? undefined : letterOf(key)
      if (letter === undefined) {
        forget()
        return { kind: 'typing' }
      }
      const first = text === ''
      text += letter
      american += americanOf(key) ?? letter
      last = key.timeStamp
      return { kind: first ? 'begins' : 'goes on' }
    },
  }
}

const letterOf = ({ key, code, ctrlKey, altKey, metaKey }: Key): string | undefined => {
  // How a keyboard types the separator: Ctrl and the key right of P.
  if (ctrlKey && !altKey && (key === ']' || code === 'BracketRight')) return GROUP_SEPARATOR
  // Ctrl with Alt is AltGr.
  if (metaKey || ctrlKey !== altKey) return undefined
  return Array.from(key).length === 1 ? key : undefined
}

const AMERICAN: Readonly<Record<string, readonly [string, string]>> = {
  Minus: ['-', '_'],
  Equal: ['=', '+'],
  BracketLeft: ['[', '{'],
  BracketRight: [']', '}'],
  Semicolon: [';', ':'],
  Quote: ["'", '"'],
  Comma: [',', '<'],
  Period: ['.', '>'],
  Slash: ['/', '?'],
}
const ABOVE_DIGITS = ')!@#$%^&*('

const americanOf = ({ code, shiftKey, ctrlKey }: Key): string | undefined => {
  if (ctrlKey) return undefined
  const digit = /^(?:Digit|Numpad)(\d)$/.exec(code)?.[1]
  if (digit !== undefined) return shiftKey ? ABOVE_DIGITS[Number(digit)] : digit
  const letter = /^Key([A-Z])$/.exec(code)?.[1]
  if (letter !== undefined) return shiftKey ? letter : letter.toLowerCase()
  return AMERICAN[code]?.[shiftKey ? 1 : 0]
}
