import { hits, type Facts } from './facts.js'
import type { Violation } from './violation.js'

/** `AUTH_STALE_AFTER_MS` of the nodes, and what is on its way. */
const STALE_AFTER_MS = 5_000 + 1_500
const CUTS_POSTGRES = new Set([
  'postgres-cut',
  'postgres-stall',
  'postgres-lost',
  'postgres-stop',
  'blackhole-postgres',
])

/** I21: a node that cannot confirm rights lets nobody in and hands out no messages. */
export const checkUnconfirmed = ({ attempts, faults }: Facts): Violation[] => {
  const cuts = faults.filter(({ kind }) => CUTS_POSTGRES.has(kind))
  return [...attempts.values()].flatMap(({ attempt, records }) => {
    const here = cuts.filter((fault) => hits(fault, attempt.node))
    if (here.length === 0) return []
    return records.flatMap((record) => {
      // What a slow reader reads late was sent before.
      if (record.op !== 'connected' && (record.op !== 'message' || attempt.kind === 'slow'))
        return []
      const cut = here.find(({ start, end }) => record.t > start + STALE_AFTER_MS && record.t < end)
      if (cut === undefined) return []
      const detail = `${attempt.attempt} got ${record.op} from ${attempt.node} ${String(Math.round(record.t - cut.start))} ms after it was cut off (fault ${String(cut.id)}, ${cut.kind})`
      return [{ invariant: 'I21', detail }]
    })
  })
}

/** I23: what cannot be done while something is broken is answered with 503, or not at all. */
export const checkAnswers = ({ history }: Facts): Violation[] =>
  history.records.flatMap((record) => {
    const isError =
      (record.op === 'log-in' && record.status === 500) ||
      (record.op === 'write' && record.phase === 'unknown' && record.why.startsWith('500'))
    if (!isError) return []
    const what = record.op === 'write' ? record.write : `a log-in at ${record.node}`
    return [
      {
        invariant: 'I23',
        detail: `${what} was answered 500 at ${String(Math.round(record.t))} ms`,
      },
    ]
  })

/** I22: who knows his password, and comes from where he has been before, is let in whoever guesses at it. */
export const checkLogIns = ({ history, faults }: Facts): Violation[] => {
  const answers = history.records.filter((record) => record.op === 'log-in')
  const shutOut = faults
    .filter(({ kind }) => kind === 'flood-log-ins')
    .filter(({ start, end }) => {
      const own = answers.filter(({ who, t }) => who === 'owner' && t >= start && t <= end)
      return own.length > 0 && own.every(({ status }) => status !== 200)
    })
  return [
    ...answers
      .filter(({ status }) => status === 401 || status === 429)
      .map(({ who, node, status, t }) => ({
        invariant: 'I22',
        detail: `${who} with the right password was answered ${String(status)} by ${node} at ${String(Math.round(t))} ms`,
      })),
    ...shutOut.map(({ id }) => ({
      invariant: 'I22',
      detail: `the owner was not let in once during fault ${String(id)}`,
    })),
  ]
}
