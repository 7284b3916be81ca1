import { KINDS, type KindName } from '../kinds.js'
import type { Fields, Texts } from '../leaf.js'
import type { ConnectionLine } from '../lines.js'

/** One row of evidence by the names of its fields; personal texts are null where they were withheld. */
export interface Fact<Kind extends KindName = KindName> {
  readonly kind: Kind
  readonly ref: string
  /** Number of its leaf: where to find it in the export. */
  readonly n: number
  readonly fields: Readonly<Record<keyof (typeof KINDS)[Kind]['fields'], Fields[number]>>
  readonly texts: Readonly<Record<keyof (typeof KINDS)[Kind]['texts'], string | null>>
}

/** Gathers what one question asks for while an export is read. */
export interface Answer {
  readonly onFact: (fact: Fact) => void
  readonly onConnection?: (row: ConnectionLine) => void
  /** The rows of the answer, each with the leaf that proves it. */
  readonly rows: () => readonly AnswerRow[]
}

export type AnswerRow = Readonly<Record<string, string | number | boolean | null>>

/** The fact that a row says; undefined where this version does not know its kind. */
export const factOf = (row: Fields, texts: Texts | undefined, n: number): Fact | undefined => {
  const [name, ref, ...values] = row
  const kind = Object.entries(KINDS).find(([one]) => one === name)
  if (kind === undefined || typeof ref !== 'string') return undefined
  const named = (names: object, of: readonly unknown[]) =>
    Object.fromEntries(Object.keys(names).map((key, at) => [key, of[at] ?? null]))
  // By the table that made the row: the names belong to the kind.
  return {
    kind: kind[0],
    ref,
    n,
    fields: named(kind[1].fields, values),
    texts: named(kind[1].texts, texts ?? []),
  } as Fact
}

export const isKind = <Kind extends KindName>(fact: Fact, kind: Kind): fact is Fact<Kind> =>
  fact.kind === kind

/** A value of JSON that a column had; an empty object where it is none. */
export const objectOf = (text: Fields[number]): Readonly<Record<string, unknown>> => {
  const value: unknown = typeof text === 'string' ? JSON.parse(text) : undefined
  return typeof value === 'object' && value !== null ? { ...value } : {}
}

/** A list that a column had as JSON; empty where there was none. */
export const listOf = (text: unknown): readonly unknown[] => {
  const value: unknown = typeof text === 'string' ? JSON.parse(text) : undefined
  return Array.isArray(value) ? value : []
}

/** Whether the moment that evidence tells is not after the one that is asked about. */
export const isBy = (at: Fields[number], moment: Date): boolean =>
  typeof at === 'string' && at <= exactly(moment)

/** As evidence writes moments, so that they compare as text. */
const exactly = (moment: Date): string => moment.toISOString().replace('Z', '999Z')
