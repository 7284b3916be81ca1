import { stateHash } from '../clients/replica.js'
import { mayReceive } from '../feeds.js'
import type { Facts } from './facts.js'
import type { Violation } from './violation.js'

const AT_HEAD_WITHIN_MS = 10_000

/** I15: after the last fault everybody is at the head in time, and nobody is turned away for good who has a right. */
export const checkLiveness = (facts: Facts): Violation[] => {
  return [
    ...reachedHead(facts).flatMap(({ client, afterMs }) =>
      afterMs <= AT_HEAD_WITHIN_MS
        ? []
        : [{ invariant: 'I15', detail: `${client} reached the head after ${String(afterMs)} ms` }],
    ),
    ...[...facts.attempts.values()].flatMap(({ attempt, refused }) =>
      attempt.tokenAt !== null && refused !== undefined && WRONG_TOKEN.includes(refused.code)
        ? [{ invariant: 'I15', detail: `${attempt.attempt} was refused with ${refused.code}` }]
        : [],
    ),
  ]
}

/** What no token of the rig deserves: they are signed rightly, and outlive every run. */
const WRONG_TOKEN = ['AUTH_TOKEN_INVALID', 'AUTH_TOKEN_EXPIRED']

/**
 * How long after the last fault each client had reached the head; infinite where it never did. Who got his right back
 * after the last fault is timed from then; who has none at the end is not asked.
 */
export const reachedHead = (
  facts: Facts,
): {
  readonly client: string
  readonly afterMs: number
}[] => {
  const { healed, clients, finals } = facts
  if (healed === undefined) return []
  return [...finals.values()].flatMap(({ client, userId }) => {
    const from = entitledFrom(userId, healed, facts)
    if (from === undefined) return []
    const first = clients
      .get(client)
      ?.find(
        (record) =>
          (record.op === 'packet' && record.seq >= healed.seq) ||
          (record.op === 'snapshot' && record.position.seq >= healed.seq),
      )
    const at = first?.t ?? Number.POSITIVE_INFINITY
    return [{ client, afterMs: Math.max(0, Math.round(at - from)) }]
  })
}

/** Whether the user may follow the stock when everything is over. */
export const isEntitled = (userId: string, { roleAt, dump }: Facts): boolean =>
  mayReceive('inventory:update', roleAt(userId, dump.head.seq))

/** Since when after the last fault the user may follow the stock; undefined where he may not at the end. */
const entitledFrom = (
  userId: string,
  { seq, t }: { readonly seq: number; readonly t: number },
  facts: Facts,
): number | undefined => {
  if (!isEntitled(userId, facts)) return undefined
  if (mayReceive('inventory:update', facts.roleAt(userId, seq))) return t
  const restored = facts.dump.log.find(
    (entry) => entry.seq > seq && mayReceive('inventory:update', facts.roleAt(userId, entry.seq)),
  )
  return restored === undefined ? undefined : Math.max(t, facts.committedAt(restored))
}

/** I16: processes that ended unasked, and errors that nobody caught. */
export const checkExits = ({ history, dump }: Facts): Violation[] => {
  return [
    ...history.records.flatMap((record) =>
      record.op === 'exit' && !record.planned
        ? [
            {
              invariant: 'I16',
              detail: `${record.node} (pid ${String(record.pid)}) ended unasked: ${String(record.code ?? record.signal)}`,
            },
          ]
        : [],
    ),
    ...history.records.flatMap((record) =>
      record.op === 'exit' && record.signal === 'SIGTERM'
        ? [
            {
              invariant: 'I16',
              detail: `${record.node} was ended by SIGTERM before it had drained`,
            },
          ]
        : [],
    ),
    ...dump.uncaught.map((line) => ({ invariant: 'I16', detail: line.slice(0, 200) })),
  ]
}

/** I17: what a connection was told about its position. I1 looks whether a resume was complete. */
export const checkResume = ({ attempts, dump, history }: Facts): Violation[] => {
  const found: Violation[] = []
  const say = (detail: string): void => {
    found.push({ invariant: 'I17', detail })
  }
  for (const { attempt, connected, records } of attempts.values()) {
    if (connected === undefined || attempt.claimed === null) continue
    const { claimed, attempt: id } = attempt
    const wasReset = records.some(({ op }) => op === 'reset')
    if (connected.resumed && claimed.epoch !== dump.head.epoch) {
      say(`${id} resumed in a log of another epoch`)
    }
    if (connected.resumed && connected.position.seq !== claimed.seq) {
      say(`${id} resumed at ${String(connected.position.seq)}, not at ${String(claimed.seq)}`)
    }
    const isCut = records.at(-1)?.op === 'disconnected' && records.length <= 3
    if (!connected.resumed && !wasReset && !isCut) {
      say(`${id} came back with a position, did not resume and was not told to reset`)
    }
  }
  for (const record of history.records) {
    if (record.op === 'forged' && record.answer !== 'reset') {
      say(`the forged position ${record.what} was answered with ${record.answer}`)
    }
  }
  return found
}

/** I18: the state in which each client ended whose user may follow the stock. */
export const checkConvergence = (facts: Facts): Violation[] => {
  const expected = stateHash(facts.dump.items)
  return [...facts.finals.values()].flatMap(({ client, userId, stateHash: hash }) =>
    hash === expected || !isEntitled(userId, facts)
      ? []
      : [{ invariant: 'I18', detail: `${client} ended in another state than the database` }],
  )
}
