import type { Dump, DumpedEntry } from '../dump.js'
import type { ClientRecord, History, HistoryRecord, RevokeRecord, WriteRecord } from '../history.js'
import { rightsOf, type Rights } from './rights.js'

type Stamped<R> = R & { readonly t: number }
export type ClientEntry = Stamped<ClientRecord>
export type OpOf<Op extends HistoryRecord['op']> = Extract<HistoryRecord, { op: Op }>

/** One attempt to connect with everything that followed on that connection. */
export interface AttemptFacts {
  readonly attempt: OpOf<'attempt'>
  readonly records: ClientEntry[]
  connected: OpOf<'connected'> | undefined
  refused: OpOf<'refused'> | undefined
}

export interface FaultWindow {
  readonly id: number
  readonly kind: string
  readonly target: string
  readonly affects: readonly string[]
  readonly start: number
  readonly end: number
  /** When the world had come back, or nobody waited any longer for it; undefined where nobody looked. */
  readonly recoveredAt: number | undefined
}

/** Whether a fault touches what this node does: its own, or one of something that all share. */
export const hits = ({ target }: FaultWindow, node: string): boolean =>
  target === node || target.startsWith(`${node} `) || !/^n\d/.test(target)

/** A right that was taken (or given back), with its number. */
export interface Change {
  readonly userId: string
  readonly action: RevokeRecord['action']
  readonly invokedAt: number
  readonly ackAt: number
  readonly seq: number
}

/** What the checks ask a history and a dump for, worked out once. */
export interface Facts {
  readonly history: History
  readonly dump: Dump
  readonly entries: ReadonlyMap<number, DumpedEntry>
  readonly attempts: ReadonlyMap<string, AttemptFacts>
  /** Records of each client, in their order. */
  readonly clients: ReadonlyMap<string, readonly ClientEntry[]>
  readonly writes: ReadonlyMap<string, readonly Stamped<WriteRecord>[]>
  readonly faults: readonly FaultWindow[]
  /** What the rig changed. What became of it is in `rights`. */
  readonly changes: readonly Change[]
  readonly rights: ReadonlyMap<string, Rights>
  readonly exits: readonly OpOf<'exit'>[]
  readonly healed: OpOf<'healed'> | undefined
  /** How each client ended that was there to the end. */
  readonly finals: ReadonlyMap<string, OpOf<'final'>>
  /** Role of a user after the entry `seq`; undefined where he is nobody or inactive. */
  readonly roleAt: (userId: string, seq: number) => string | undefined
  /** Roles held at any moment from entry `from` to entry `to`. */
  readonly rolesBetween: (userId: string, from: number, to: number) => (string | undefined)[]
  /** When an entry was committed, on the history's clock. */
  readonly committedAt: (entry: DumpedEntry) => number
  /** Number of the newest entry at `t`. */
  readonly headAt: (t: number) => number
}

/** Indexes a history and its dump. */
export const factsOf = (history: History, dump: Dump): Facts => {
  const attempts = new Map<string, AttemptFacts>()
  const clients = new Map<string, ClientEntry[]>()
  const writes = new Map<string, Stamped<WriteRecord>[]>()
  const starts = new Map<number, OpOf<'fault'>>()
  const faults: Omit<FaultWindow, 'recoveredAt'>[] = []
  const recovered = new Map<number, number>()
  const exits: OpOf<'exit'>[] = []
  const invoked = new Map<string, number>()
  const changes: Change[] = []
  const finals = new Map<string, OpOf<'final'>>()
  let healed: OpOf<'healed'> | undefined

  for (const record of history.records) {
    if ('attempt' in record) {
      pushTo(clients, record.client, record)
      if (record.op === 'attempt') {
        attempts.set(record.attempt, {
          attempt: record,
          records: [],
          connected: undefined,
          refused: undefined,
        })
      }
      const facts = attempts.get(record.attempt)
      facts?.records.push(record)
      if (facts !== undefined && record.op === 'connected') facts.connected = record
      if (facts !== undefined && record.op === 'refused') facts.refused = record
    } else if (record.op === 'write') {
      pushTo(writes, record.write, record)
    } else if (record.op === 'fault') {
      if (record.phase === 'start') starts.set(record.id, record)
      else {
        const { id, kind, target, affects } = record
        faults.push({
          id,
          kind,
          target,
          affects,
          start: starts.get(id)?.t ?? record.t,
          end: record.t,
        })
      }
    } else if (record.op === 'revoke') {
      if (record.phase === 'invoke') invoked.set(record.id, record.t)
      else {
        const { userId, action, seq, ackAt } = record
        changes.push({
          userId,
          action,
          invokedAt: invoked.get(record.id) ?? record.t,
          ackAt: ackAt ?? record.t,
          seq: seq ?? 0,
        })
      }
    } else if (record.op === 'recovered') {
      recovered.set(record.id, record.t)
    } else if (record.op === 'exit') {
      exits.push(record)
    } else if (record.op === 'healed') {
      healed = record
    } else if (record.op === 'final') {
      finals.set(record.client, record)
    }
  }

  const timelines = timelinesOf(dump.log)
  const roleAt: Facts['roleAt'] = (userId, seq) =>
    timelines.get(userId)?.findLast((turn) => turn.seq <= seq)?.role
  const times = dump.log.map(({ at }) => at - history.startedAt)

  return {
    history,
    dump,
    entries: new Map(dump.log.map((entry) => [entry.seq, entry])),
    attempts,
    clients,
    writes,
    faults: faults.map((fault) => ({ ...fault, recoveredAt: recovered.get(fault.id) })),
    changes,
    rights: rightsOf(dump.log, history.startedAt),
    exits,
    healed,
    finals,
    roleAt,
    rolesBetween: (userId, from, to) => [
      roleAt(userId, from),
      ...(timelines.get(userId) ?? [])
        .filter((turn) => turn.seq > from && turn.seq <= to)
        .map(({ role }) => role),
    ],
    committedAt: ({ at }) => at - history.startedAt,
    headAt: (t) => dump.log[lastAtOrBefore(times, t)]?.seq ?? 0,
  }
}

interface Turn {
  readonly seq: number
  readonly role: string | undefined
}

const timelinesOf = (log: readonly DumpedEntry[]): Map<string, Turn[]> => {
  const timelines = new Map<string, Turn[]>()
  for (const { seq, name, payload } of log) {
    if (name !== 'user:changed') continue
    const active = payload['isActive'] === true
    const role = active ? String(payload['role']) : undefined
    pushTo(timelines, String(payload['userId']), { seq, role })
  }
  return timelines
}

/** Index of the last time that is not after `t`; -1 where all are. Commits are in the order of their numbers. */
const lastAtOrBefore = (times: readonly number[], t: number): number => {
  let low = 0
  let high = times.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((times[middle] ?? Number.POSITIVE_INFINITY) <= t) low = middle + 1
    else high = middle
  }
  return low - 1
}

export const pushTo = <K, V>(map: Map<K, V[]>, key: K, value: V): void => {
  const known = map.get(key)
  if (known === undefined) map.set(key, [value])
  else known.push(value)
}
