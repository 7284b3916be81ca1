import type { Dump, DumpedEntry } from '../dump.js'
import type { History, HistoryRecord } from '../history.js'
import type { Facts, OpOf } from './facts.js'

/** A history with its dump. */
export interface Evidence {
  readonly history: History
  readonly dump: Dump
}

/** A lie about a good run, and the invariant that must notice it. */
export interface Mutator {
  readonly name: string
  readonly invariant: string
  /** The same evidence with one thing wrong; undefined where it has nothing that this could be done to. */
  readonly mutate: (evidence: Evidence) => Evidence | undefined
}

/** The same evidence with other records. */
export const withRecords = (
  { history, dump }: Evidence,
  change: (records: HistoryRecord[]) => readonly HistoryRecord[],
): Evidence => ({ history: { ...history, records: change([...history.records]) }, dump })

/** The same evidence with another dump. */
export const withDump = ({ history, dump }: Evidence, change: Partial<Dump>): Evidence => ({
  history,
  dump: { ...dump, ...change },
})

/** A packet somewhere in the middle, of a client that was there to the end, and received in order. */
export const somePacket = ({ history }: Evidence, facts: Facts): number | undefined => {
  const candidates = history.records.flatMap((record, index) =>
    record.op === 'packet' && record.applied && facts.finals.has(record.client) ? [index] : [],
  )
  return candidates[Math.floor(candidates.length / 2)]
}

/** An attempt's refusal, as of a forged token. */
export const refusalOf = ({ t, client, attempt }: OpOf<'attempt'>): HistoryRecord => ({
  t,
  op: 'refused',
  client,
  attempt,
  code: 'AUTH_TOKEN_INVALID',
})

/** An entry of the log, received. */
export const packetOf = (
  { seq, name, hash }: DumpedEntry,
  { t, client, attempt }: { t: number; client: string; attempt: string },
): HistoryRecord => ({
  t,
  op: 'packet',
  client,
  attempt,
  seq,
  // Only entries of the two feeds are handed in.
  name: name as OpOf<'packet'>['name'],
  hash,
  applied: false,
})
