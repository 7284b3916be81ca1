import { CHAOS_MUTATORS } from './chaos-mutators.js'
import { factsOf } from './facts.js'
import { isEntitled } from './liveness.js'
import { packetOf, refusalOf, somePacket, withDump, withRecords, type Mutator } from './mutation.js'

/** The twelve of the plan, and one or more for each invariant that they leave out. */
export const MUTATORS: readonly Mutator[] = [
  ...CHAOS_MUTATORS,
  {
    name: 'an event is dropped',
    invariant: 'I1',
    mutate(evidence) {
      const facts = factsOf(evidence.history, evidence.dump)
      const index = somePacket(evidence, facts)
      if (index === undefined) return undefined
      return withRecords(evidence, (records) => records.toSpliced(index, 1))
    },
  },
  {
    name: 'an event is applied twice',
    invariant: 'I2',
    mutate(evidence) {
      const index = somePacket(evidence, factsOf(evidence.history, evidence.dump))
      const packet = index === undefined ? undefined : evidence.history.records[index]
      if (index === undefined || packet === undefined) return undefined
      return withRecords(evidence, (records) => records.toSpliced(index, 0, packet))
    },
  },
  {
    name: 'two events change places',
    invariant: 'I4',
    mutate(evidence) {
      const { records } = evidence.history
      const next = records.findLastIndex(({ op }) => op === 'packet')
      const second = records[next]
      if (second?.op !== 'packet') return undefined
      const index = records.findIndex(
        (record) =>
          record.op === 'packet' && record.attempt === second.attempt && record.seq < second.seq,
      )
      const first = records[index]
      if (first === undefined) return undefined
      return withRecords(evidence, (all) => all.with(index, second).with(next, first))
    },
  },
  {
    name: 'an alert reaches a role that may not have it',
    invariant: 'I11',
    mutate(evidence) {
      const facts = factsOf(evidence.history, evidence.dump)
      const alert = evidence.dump.log.find(({ name }) => name === 'inventory:lowStock')
      const doctor = [...facts.attempts.values()].find(
        ({ attempt: { userId }, connected }) =>
          connected !== undefined &&
          userId !== null &&
          facts
            .rolesBetween(userId, 0, evidence.dump.head.seq)
            .every((role) => role === undefined || role === 'doctor'),
      )
      if (alert === undefined || doctor?.connected === undefined) return undefined
      const packet = packetOf(alert, doctor.connected)
      return withRecords(evidence, (records) => [...records, packet])
    },
  },
  {
    name: 'an event arrives that was never committed',
    invariant: 'I3',
    mutate(evidence) {
      const index = somePacket(evidence, factsOf(evidence.history, evidence.dump))
      const packet = index === undefined ? undefined : evidence.history.records[index]
      if (index === undefined || packet === undefined) return undefined
      const phantom = { ...packet, seq: evidence.dump.head.seq + 100, applied: false }
      return withRecords(evidence, (records) => records.toSpliced(index + 1, 0, phantom as never))
    },
  },
  {
    name: 'an event arrives after the right has ended',
    invariant: 'I11',
    mutate(evidence) {
      const facts = factsOf(evidence.history, evidence.dump)
      for (const { action, userId, seq, invokedAt } of facts.changes) {
        if (action === 'role' || action === 'restore') continue
        const entry = evidence.dump.log.find(
          (one) => one.seq > seq && one.name === 'inventory:update',
        )
        const stale = [...facts.attempts.values()].find(
          ({ attempt, connected }) =>
            attempt.userId === userId && connected !== undefined && connected.t < invokedAt,
        )
        if (entry === undefined || stale?.connected === undefined) continue
        const packet = packetOf(entry, stale.connected)
        return withRecords(evidence, (records) => [...records, packet])
      }
      return undefined
    },
  },
  {
    name: 'an alert is sent twice',
    invariant: 'I10',
    mutate(evidence) {
      const { log, head } = evidence.dump
      const alert = log.find(({ name }) => name === 'inventory:lowStock')
      if (alert === undefined) return undefined
      const seq = head.seq + 1
      return withDump(evidence, { log: [...log, { ...alert, seq }], head: { ...head, seq } })
    },
  },
  {
    name: 'a lot goes below zero',
    invariant: 'I7',
    mutate(evidence) {
      const { movements } = evidence.dump
      const [first, ...rest] = movements
      if (first === undefined) return undefined
      const lots = first.lots.map((lot) => ({ ...lot, after: -1 }))
      return withDump(evidence, { movements: [{ ...first, lots }, ...rest] })
    },
  },
  {
    name: 'an accepted attempt is not on record',
    invariant: 'I13',
    mutate(evidence) {
      const facts = factsOf(evidence.history, evidence.dump)
      const accepted = [...facts.attempts.values()].find(({ connected }) => connected)
      if (accepted === undefined) return undefined
      const others = (row: { userAgent: string | null }): boolean =>
        row.userAgent !== accepted.attempt.attempt
      const { attempts, logLines } = evidence.dump
      return withDump(evidence, {
        attempts: attempts.filter(others),
        logLines: logLines.filter(others),
      })
    },
  },
  {
    name: 'a ghost hears an event',
    invariant: 'I12',
    mutate(evidence) {
      const index = evidence.history.records.findIndex(({ op }) => op === 'ghost')
      const ghost = evidence.history.records[index]
      if (ghost === undefined) return undefined
      const leaked = { ...ghost, frame: '42["inventory:update",{"seq":1}]' }
      return withRecords(evidence, (records) => records.toSpliced(index, 0, leaked as never))
    },
  },
  {
    name: 'a token is in a log line',
    invariant: 'I14',
    mutate: (evidence) =>
      withRecords(evidence, (records) => [
        ...records,
        { t: records.at(-1)?.t ?? 0, op: 'leak', where: 'the output of n1' },
      ]),
  },
  {
    name: 'the log has a hole',
    invariant: 'I5',
    mutate(evidence) {
      const { log } = evidence.dump
      return withDump(evidence, { log: log.toSpliced(Math.floor(log.length / 2), 1) })
    },
  },
  {
    name: 'an acknowledged write is lost',
    invariant: 'I6',
    mutate(evidence) {
      const acknowledged = new Set(
        evidence.history.records.flatMap((record) =>
          record.op === 'write' && record.phase === 'ok' ? [record.write] : [],
        ),
      )
      const { movements } = evidence.dump
      const index = movements.findIndex(
        ({ reason, type }) => type === 'consumed' && reason !== null && acknowledged.has(reason),
      )
      return index < 0
        ? undefined
        : withDump(evidence, { movements: movements.toSpliced(index, 1) })
    },
  },
  {
    name: 'a later lot is taken first',
    invariant: 'I8',
    mutate(evidence) {
      const { movements } = evidence.dump
      const index = movements.findIndex(({ type }) => type === 'consumed')
      const movement = movements[index]
      if (movement === undefined) return undefined
      const lots = movement.lots.map((lot) => ({ ...lot, lotNumber: 'another' }))
      return withDump(evidence, { movements: movements.with(index, { ...movement, lots }) })
    },
  },
  {
    name: 'a repeated request gets another answer',
    invariant: 'I9',
    mutate(evidence) {
      const index = evidence.history.records.findIndex(
        (record) => record.op === 'write' && record.phase === 'repeat',
      )
      const repeat = evidence.history.records[index]
      if (repeat === undefined) return undefined
      return withRecords(evidence, (records) =>
        records.with(index, { ...repeat, same: false } as never),
      )
    },
  },
  {
    name: 'a client comes late to the head',
    invariant: 'I15',
    mutate(evidence) {
      const { healed } = factsOf(evidence.history, evidence.dump)
      if (healed === undefined) return undefined
      return withRecords(evidence, (records) =>
        records.map((record) => (record.op === 'healed' ? { ...record, t: -20_000 } : record)),
      )
    },
  },
  {
    name: 'a client with a right token is refused for its time',
    invariant: 'I15',
    mutate: (evidence) =>
      withRecords(evidence, (records) =>
        records.flatMap((record) =>
          record.op === 'attempt' && record.tokenAt !== null
            ? [record, refusalOf(record)]
            : [record],
        ),
      ),
  },
  {
    name: 'a node exits unasked',
    invariant: 'I16',
    mutate: (evidence) =>
      withRecords(evidence, (records) => [
        ...records,
        { t: 1, op: 'exit', node: 'n1', pid: 1, planned: false, code: 1, signal: null },
      ]),
  },
  {
    name: 'a forged position is resumed',
    invariant: 'I17',
    mutate: (evidence) =>
      withRecords(evidence, (records) => [
        ...records,
        { t: 1, op: 'forged', what: 'in the future', answer: 'resumed' },
      ]),
  },
  {
    name: 'a client ends in another state',
    invariant: 'I18',
    mutate(evidence) {
      const facts = factsOf(evidence.history, evidence.dump)
      const index = evidence.history.records.findIndex(
        (record) => record.op === 'final' && isEntitled(record.userId, facts),
      )
      const final = evidence.history.records[index]
      if (final === undefined) return undefined
      return withRecords(evidence, (records) =>
        records.with(index, { ...final, stateHash: 'other' } as never),
      )
    },
  },
]
