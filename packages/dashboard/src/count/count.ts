import type { Movement } from '@uzima/client'
import type { CountLine } from './shelf.js'

/** What was typed for one lot. */
export interface CountEntry {
  /** As typed; blank is not counted, 0 is. */
  readonly typed: string
  /** What the stock said at that moment. */
  readonly base: number
  /** When, in milliseconds since 1970 of this device: for the reason's text only. */
  readonly at: number
  /** What the stock said when the person looked at the change since and stood by the number. */
  readonly keptAgainst?: number
  /** The movement that books it, once it is on its way. */
  readonly writeId?: string
}

/** A count that has begun; kept until it is booked or thrown away, over reloads and power cuts. */
export interface CountDraft {
  readonly shelf: string
  readonly entries: Readonly<Record<string, CountEntry>>
}

/** Where a lot stands. */
export type LineState =
  | { readonly kind: 'uncounted' }
  | { readonly kind: 'same'; readonly counted: number }
  | { readonly kind: 'different'; readonly counted: number; readonly difference: number }
  /** Something was taken or received since it was counted, so only a person can say what the number means. */
  | {
      readonly kind: 'moved'
      readonly counted: number
      readonly base: number
      readonly now: number
    }
  | { readonly kind: 'booked'; readonly counted: number; readonly writeId: string }

export const beginCount = (shelf: string): CountDraft => ({ shelf, entries: {} })

export const isCountDraft = (value: unknown): value is CountDraft =>
  isRecord(value) &&
  typeof value['shelf'] === 'string' &&
  isRecord(value['entries']) &&
  Object.values(value['entries']).every(
    (entry) =>
      isRecord(entry) && typeof entry['typed'] === 'string' && typeof entry['base'] === 'number',
  )

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null

/** The draft with what was typed for a line; what was decided about an earlier number of it is void. */
export const typeCount = (
  draft: CountDraft,
  { key, expected }: Pick<CountLine, 'key' | 'expected'>,
  typed: string,
  now: number,
): CountDraft => {
  if (typed.trim() === '') return forgetLine(draft, key)
  return { ...draft, entries: { ...draft.entries, [key]: { typed, base: expected, at: now } } }
}

/** The draft without the line: it is to be counted again. */
export const forgetLine = (draft: CountDraft, key: string): CountDraft => ({
  ...draft,
  entries: Object.fromEntries(Object.entries(draft.entries).filter(([other]) => other !== key)),
})

/** The draft in which the person stands by the number although the stock moved to `now`. */
export const keepMine = (draft: CountDraft, key: string, now: number): CountDraft =>
  changeEntry(draft, key, { keptAgainst: now })

/** The draft in which the line's movement is on its way. */
export const markBooked = (draft: CountDraft, key: string, writeId: string): CountDraft =>
  changeEntry(draft, key, { writeId })

const changeEntry = (draft: CountDraft, key: string, changes: Partial<CountEntry>): CountDraft => {
  const entry = draft.entries[key]
  if (entry === undefined) return draft
  return { ...draft, entries: { ...draft.entries, [key]: { ...entry, ...changes } } }
}

/** Compares a line with what was typed for it, against the stock as it is now. */
export const lineState = (
  { expected }: Pick<CountLine, 'expected'>,
  entry: CountEntry | undefined,
): LineState => {
  if (entry === undefined || !/^\d+$/.test(entry.typed.trim())) return { kind: 'uncounted' }
  const counted = Number(entry.typed)
  if (entry.writeId !== undefined) return { kind: 'booked', counted, writeId: entry.writeId }
  if (entry.base !== expected && entry.keptAgainst !== expected) {
    return { kind: 'moved', counted, base: entry.base, now: expected }
  }
  const difference = counted - expected
  return difference === 0 ? { kind: 'same', counted } : { kind: 'different', counted, difference }
}

/** A line that can be booked, with the movement that does it. */
export interface BookableLine {
  readonly line: CountLine
  readonly movement: Extract<Movement, { kind: 'count' }>
}

/** How the whole count stands. */
export interface CountSummary {
  readonly uncounted: readonly CountLine[]
  readonly same: readonly CountLine[]
  readonly different: readonly BookableLine[]
  readonly moved: readonly CountLine[]
  readonly booked: readonly CountLine[]
}

/**
 * Sorts the lines by how they stand. Only differences are booked, each on the condition that the lot still holds what was
 * compared; what was not counted is never sent, and a line in question holds up none of the others.
 */
export const summarize = (
  lines: readonly CountLine[],
  { entries }: CountDraft,
  reasonFor: (entry: CountEntry) => string,
): CountSummary => {
  const of = (kind: LineState['kind']): CountLine[] =>
    lines.filter((line) => lineState(line, entries[line.key]).kind === kind)
  const different = of('different').flatMap((line): BookableLine[] => {
    const entry = entries[line.key]
    if (entry === undefined) return []
    const { sku, lotNumber, expected } = line
    const quantity = Number(entry.typed)
    const reason = reasonFor(entry)
    return [{ line, movement: { kind: 'count', sku, lotNumber, quantity, expected, reason } }]
  })
  return {
    uncounted: of('uncounted'),
    same: of('same'),
    different,
    moved: of('moved'),
    booked: of('booked'),
  }
}
