import type { DumpedAttempt } from '../dump.js'
import { pushTo, type Facts } from './facts.js'
import type { Violation } from './violation.js'

/** Attempts that are on record in a log line only: their node was killed before it wrote the row. */
export const onlyInLines = (facts: Facts): number => {
  const rows = byAgent(facts.dump.attempts)
  const lines = byAgent(facts.dump.logLines)
  return [...facts.attempts.values()].filter(
    ({ attempt: { attempt, kind }, connected }) =>
      kind !== 'package' &&
      connected !== undefined &&
      !has(rows, attempt, 'accepted') &&
      has(lines, attempt, 'accepted'),
  ).length
}

/** I13: attempts that were made against those that are on record. */
export const checkAudit = (facts: Facts): Violation[] => {
  const { dump } = facts
  const rows = byAgent(dump.attempts)
  const lines = byAgent(dump.logLines)
  const found: Violation[] = []
  const say = (detail: string): void => {
    found.push({ invariant: 'I13', detail })
  }
  for (const { attempt, connected, refused } of facts.attempts.values()) {
    // Our package cannot name its attempts.
    if (attempt.kind === 'package') continue
    const id = attempt.attempt
    const own = rows.get(id) ?? []
    const count = (outcome: string): number => own.filter((row) => row.outcome === outcome).length
    if (connected !== undefined) {
      if (count('accepted') > 1) say(`${id} was accepted once and is on record twice`)
      if (count('accepted') === 0 && !has(lines, id, 'accepted')) {
        say(`${id} was accepted and is not on record`)
      }
      if (count('accepted') === 1 && count('closed') !== 1 && !has(lines, id, 'closed')) {
        say(`${id} ended and its end is on record ${String(count('closed'))} times`)
      }
    } else if (refused !== undefined && KNOWN_CODE.test(refused.code)) {
      const isOnRecord = [...own, ...(lines.get(id) ?? [])].some(
        ({ outcome, code }) => outcome === 'refused' && code === refused.code,
      )
      if (!isOnRecord) say(`${id} was refused with ${refused.code} and is not on record`)
      if (count('accepted') > 0) say(`${id} was refused and is on record as accepted`)
    }
  }
  for (const agent of rows.keys()) {
    if (agent.startsWith('rig/') && !facts.attempts.has(agent)) {
      say(`${agent} is on record and was never made`)
    }
  }
  if (!dump.chainHolds) say('the chain of the connection log is broken')
  if (!dump.auditIsFixed) say('the connection log could be changed')
  return found
}

// What is refused before it is an attempt, such as an unknown namespace, has no code of ours.
const KNOWN_CODE = /^[A-Z_]+$/

const byAgent = (rows: readonly DumpedAttempt[]): Map<string, DumpedAttempt[]> => {
  const map = new Map<string, DumpedAttempt[]>()
  for (const row of rows) pushTo(map, row.userAgent ?? '', row)
  return map
}

const has = (
  rows: ReadonlyMap<string, readonly DumpedAttempt[]>,
  agent: string,
  outcome: string,
): boolean => rows.get(agent)?.some((row) => row.outcome === outcome) ?? false
