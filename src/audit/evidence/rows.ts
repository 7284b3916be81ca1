import type { Queryable } from '../../storage/database.js'
import { KINDS, type Kind } from './kinds.js'
import type { Fields, Texts } from './leaf.js'

/** A row of evidence as its table has it now. */
export interface EvidenceRow {
  readonly row: Fields
  readonly texts: Texts
}

/** Names one row. */
export interface RowName {
  readonly kind: string
  readonly ref: string
}

/** Reads rows by their names, one statement a kind; those that are gone, or of a kind that this version does not know, are missing. */
export const readEvidenceRows = async (
  database: Queryable,
  names: readonly RowName[],
): Promise<(EvidenceRow | undefined)[]> => {
  const refsOf = new Map<string, string[]>()
  for (const { kind, ref } of names) {
    const refs = refsOf.get(kind)
    if (refs === undefined) refsOf.set(kind, [ref])
    else refs.push(ref)
  }
  const found = new Map<string, EvidenceRow>()
  for (const [kind, refs] of refsOf) {
    const select = SELECTS.get(kind)
    if (select === undefined) continue
    for (const { ref, fields, texts } of await database.query<Found>(select, [refs])) {
      found.set(`${kind} ${ref}`, { row: [kind, ref, ...fields], texts })
    }
  }
  return names.map(({ kind, ref }) => found.get(`${kind} ${ref}`))
}

interface Found {
  readonly ref: string
  readonly fields: Fields
  readonly texts: Texts
}

const selectOf = ({ from, where, ref, fields, texts }: Kind): string =>
  `select ${ref} as ref, json_build_array(${Object.values(fields).join(', ')}) as fields,
     json_build_array(${Object.values(texts).join(', ')}) as texts
   from ${from} where ${where}`

const SELECTS: ReadonlyMap<string, string> = new Map(
  Object.entries(KINDS).map(([name, kind]) => [name, selectOf(kind)]),
)
