import { dateOf, gtinOf } from './gs1-values.js'

/** What a label says of a box; null where it does not say. */
export interface Label {
  /** 14 digits, its check digit right. */
  readonly gtin: string | null
  readonly lot: string | null
  /** `YYYY-MM-DD`: the last day it may be used. */
  readonly expiry: string | null
  /** `YYYY-MM-DD`: when it was made. */
  readonly produced: string | null
  readonly serial: string | null
  /** How many pieces are in the box. */
  readonly count: number | null
}

export const EMPTY_LABEL: Label = {
  gtin: null,
  lot: null,
  expiry: null,
  produced: null,
  serial: null,
  count: null,
}

/** Ends a value of variable length: how scanners send FNC1. */
export const GROUP_SEPARATOR = '\u001d'

interface Rule {
  readonly ai: RegExp
  /** What the value has to be; for those of fixed length also where it ends. */
  readonly value: RegExp
  readonly field?: keyof Label
}

const date = (ai: RegExp, field?: keyof Label): Rule => ({
  ai,
  value: /^\d{6}/,
  ...(field === undefined ? {} : { field }),
})

/** The letters that GS1 allows in a lot or a serial number. */
const TEXT = /^[!-"%-?A-Z_a-z]{1,20}/

/** The identifiers of a medicine's box. Those without a field are stepped over; one that is not here ends the reading. */
const RULES: readonly Rule[] = [
  { ai: /^01/, value: /^\d{14}/, field: 'gtin' },
  { ai: /^10/, value: TEXT, field: 'lot' },
  date(/^11/, 'produced'),
  date(/^17/, 'expiry'),
  { ai: /^21/, value: TEXT, field: 'serial' },
  { ai: /^3[07]/, value: /^\d{1,8}/, field: 'count' },
  { ai: /^00/, value: /^\d{18}/ },
  { ai: /^02/, value: /^\d{14}/ },
  date(/^1[2356]/),
  { ai: /^20/, value: /^\d{2}/ },
  { ai: /^3[1-6]\d\d/, value: /^\d{6}/ },
  { ai: /^71\d/, value: TEXT },
  { ai: /^(?:24[01]|9[0-9])/, value: /^[!-"%-?A-Z_a-z]{1,90}/ },
]

/** The rule of the identifier with which `text` begins, and what follows that identifier. */
const ruleAt = (text: string): { rule: Rule; rest: string } | undefined => {
  const rule = RULES.find(({ ai }) => ai.test(text))
  return rule === undefined ? undefined : { rule, rest: text.replace(rule.ai, '') }
}

/** The label with one more value; undefined where the value is none of its kind, or says another thing than before. */
export const withValue = (
  label: Label,
  { field, value: pattern }: Rule,
  value: string,
  thisYear: number,
): Label | undefined => {
  if (pattern.exec(value)?.[0] !== value) return undefined
  if (field === undefined) return label
  const read = readValue(field, value, thisYear)
  if (read === null || (label[field] !== null && label[field] !== read)) return undefined
  return { ...label, [field]: read }
}

const readValue = (field: keyof Label, value: string, thisYear: number): string | number | null => {
  if (field === 'gtin') return gtinOf(value)
  if (field === 'count') return Number(value)
  return field === 'expiry' || field === 'produced' ? dateOf(value, thisYear) : value
}

/** The first reading is that of a label whose separators all came; the others, of one that lost some. */
const MAX_READINGS = 4
const MAX_LENGTH = 200
/** No serial number is as short; a lot with "21" in it is not one with a serial number behind it. */
const SHORTEST_SERIAL = 6

/**
 * Reads a string of elements (`01…17…10…`). Where it has no separator at all, a value of variable length may have swallowed
 * what follows it: then the other ways to read it are given too, at most 4 together. None where it is no such string.
 */
export const readElements = (text: string, thisYear: number): Label[] => {
  if (text.length > MAX_LENGTH) return []
  const separated = text.includes(GROUP_SEPARATOR)

  const readOn = (rest: string, label: Label): Label[] => {
    if (rest === '') return [label]
    const found = ruleAt(rest)
    if (found === undefined) return []
    const ends = endsOf(found, label, separated)
    return ends.flatMap((end) => {
      const next = withValue(label, found.rule, found.rest.slice(0, end), thisYear)
      return next === undefined ? [] : readOn(withoutSeparator(found.rest.slice(end)), next)
    })
  }

  return readOn(withoutSeparator(text), EMPTY_LABEL).slice(0, MAX_READINGS)
}

/** Where the value at the beginning of `rest` may end, the likeliest first. */
const endsOf = (
  { rule, rest }: { rule: Rule; rest: string },
  label: Label,
  separated: boolean,
): number[] => {
  const longest = rule.value.exec(rest)?.[0].length ?? 0
  if (isFixed(rule)) return [longest]
  const separator = rest.indexOf(GROUP_SEPARATOR)
  if (separator !== -1) return [separator]
  const whole = longest === rest.length ? [longest] : []
  if (separated) return whole
  const cuts = Array.from({ length: Math.min(longest, rest.length - 1) }, (_, index) => index + 1)
  return [...whole, ...cuts.filter((cut) => mayBegin(rest.slice(cut), label))]
}

/** Whether a lot, a serial number or a date that the label has not told yet may begin here. */
const mayBegin = (rest: string, label: Label): boolean => {
  const field = ruleAt(rest)?.rule.field
  if (field === undefined || field === 'count' || field === 'gtin') return false
  return label[field] === null && (field !== 'serial' || rest.length >= 2 + SHORTEST_SERIAL)
}

/** Whether the value's own length says where it ends. */
const isFixed = ({ value }: Rule): boolean => /\{\d+\}$/.test(value.source)

const withoutSeparator = (text: string): string => text.replace(/^\u001d+/, '')
