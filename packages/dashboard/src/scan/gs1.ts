import { EMPTY_LABEL, GROUP_SEPARATOR, readElements, type Label } from './gs1-elements.js'
import { gtinOf } from './gs1-values.js'

/** What was scanned or typed, read as far as it can be. */
export interface ScannedCode {
  /** As it came, without spaces around it. */
  readonly text: string
  /** What it says by GS1; null where it is no such code: then it may be a code of the house. */
  readonly label: Label | null
  /** How it reads as well, had the scanner lost a separator: a person has to look before anything is booked. */
  readonly otherwise: readonly Label[]
}

/** How a scanner says that what follows are GS1 elements: DataMatrix, Code 128, QR and DataBar. */
const SYMBOLOGY = /^\](?:d2|C1|Q3|e0)/
/** And that it is a plain EAN or UPC. */
const PLAIN_SYMBOLOGY = /^\]E[04]/
/** What some scanners are set to send for the separator, where a keyboard cannot. */
const WRITTEN_SEPARATOR = /<GS>|\{GS\}|<FNC1>|\{FNC1\}/gi

/** Reads a code: a bare EAN or GTIN, GS1 elements, their form in brackets, or a GS1 Digital Link. */
export const readCode = (input: string, now: Date = new Date()): ScannedCode => {
  const text = input.trim()
  const [label = null, ...otherwise] = readLabels(text, now.getFullYear())
  return { text, label, otherwise }
}

const readLabels = (text: string, thisYear: number): Label[] => {
  // First: the same digits would pass for elements as well.
  const gtin = gtinOf(text.replace(PLAIN_SYMBOLOGY, ''))
  if (gtin !== null) return [{ ...EMPTY_LABEL, gtin }]
  if (/^https?:\/\//i.test(text)) return readLink(text, thisYear)
  if (text.startsWith('(')) return readBrackets(text, thisYear)
  const marked = SYMBOLOGY.test(text)
  const elements = text.replace(SYMBOLOGY, '').replace(WRITTEN_SEPARATOR, GROUP_SEPARATOR)
  const labels = readElements(elements, thisYear)
  // Codes of the house begin with all sorts of digits; unmarked elements are those that begin with a GTIN.
  const isElements = marked || elements.includes(GROUP_SEPARATOR) || labels[0]?.gtin != null
  return isElements ? labels : []
}

/** The form that stands under the bars: `(01)09501101530003(17)261100(10)AB-12`. */
const readBrackets = (text: string, thisYear: number): Label[] => {
  const parts = [...text.matchAll(/\((\d{2,4})\)([^(]+)/g)]
  if (parts.map(([whole]) => whole).join('') !== text) return []
  return readParts(
    parts.map(([, ai = '', value = '']) => [ai, value.trim()]),
    thisYear,
  )
}

/** `https://id.gs1.org/01/09501101530003/10/AB-12?17=261100`, below whatever path. */
const readLink = (text: string, thisYear: number): Label[] => {
  if (!URL.canParse(text)) return []
  const url = new URL(text)
  const path = /\/(01\/\d{8,14}(?:\/\d{2,4}\/[^/]+)*)\/?$/.exec(url.pathname)?.[1]
  if (path === undefined) return []
  const steps = path.split('/')
  const inPath = steps.flatMap((ai, index): [string, string][] =>
    index % 2 === 0 ? [[ai, decode(steps[index + 1] ?? '')]] : [],
  )
  const inQuery = [...url.searchParams].filter(([ai]) => /^\d{2,4}$/.test(ai))
  return readParts([...inPath, ...inQuery], thisYear)
}

const decode = (part: string): string => {
  try {
    return decodeURIComponent(part)
  } catch {
    // A "%" that stands for itself.
    return part
  }
}

/** Each value by itself: nothing here can have run into the next. */
const readParts = (parts: readonly (readonly [string, string])[], thisYear: number): Label[] => {
  const elements = parts.map(([ai, value]) => ai + (ai === '01' ? value.padStart(14, '0') : value))
  // The first of them has no separator before it, so one at the end says that separators are in use.
  return readElements(elements.join(GROUP_SEPARATOR) + GROUP_SEPARATOR, thisYear)
}
