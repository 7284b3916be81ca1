import fc from 'fast-check'
import { ROLES } from '@uzima/contracts'
import { describe, expect, it } from 'vitest'
import { explain, type Answer } from '../../src/explain/explain.js'
import type { EntryHeader } from '../../src/explain/records.js'
import { times } from '../support/long.js'
import type { ModelEntry, Rules, Step } from './model-state.js'
import { World } from './model.js'

describe('what became of an entry for a user', () => {
  it('is told as it was, over random histories', () => {
    const told = new Map<string, number>()
    fc.assert(
      fc.property(
        rules,
        fc.array(fc.tuple(step, fc.constantFrom(20, 120, 400, 1_500, 4_000)), {
          minLength: 5,
          maxLength: 40,
        }),
        (first, steps) => {
          const world = new World(first)
          for (const [one, afterMs] of steps) world.run(one, afterMs)
          const records = world.records()
          for (const entry of world.entries) {
            const answer = explain(entry, records)
            const key = `${answer.verdict} ${answer.reason}`
            told.set(key, (told.get(key) ?? 0) + 1)
            expect({ entry, ...judgementOf(answer, entry) }).toEqual({
              entry,
              ...truthOf(entry, answer, world),
            })
          }
        },
      ),
      { numRuns: times(2_000, 20_000) },
    )
    const all = [...told.values()].reduce((sum, count) => sum + count, 0)
    const unknown = [...told].filter(([key]) => key.startsWith('unknown'))
    expect(unknown.reduce((sum, [, count]) => sum + count, 0) / all).toBeLessThan(0.1)
    expect([...told.keys()]).toEqual(expect.arrayContaining(EVERY_CASE))
  })
})

const EVERY_CASE = [
  'applied live',
  'applied replayed',
  'written live',
  'written replayed',
  'not_allowed role',
  'not_allowed inactive',
  'not_allowed deleted',
  'not_allowed internal',
  'not_connected not_connected',
  'not_connected older_than_snapshot',
  'not_connected reset_instead',
  'ended cut_slow',
  'ended node_fenced',
  'ended session_ended',
  'ended connection_ended',
  'ended node_died',
  'unknown node_lost',
]

const judgementOf = (answer: Answer, entry: EntryHeader) =>
  answer.verdict === 'unknown'
    ? { verdict: 'unknown', isExcused: true }
    : {
        verdict: answer.verdict,
        reason: answer.reason,
        tells: true,
        // Times are the latest at which it was so: never before it was numbered.
        isTimed: answer.judged.every(
          ({ outcome, writtenAt, appliedAt }) =>
            (outcome !== 'written' && outcome !== 'applied') ||
            ((writtenAt === undefined || writtenAt >= entry.at) &&
              (outcome === 'written' || (appliedAt !== undefined && appliedAt >= entry.at))),
        ),
      }

/** By what happened alone, but for the cases in which the answer may be that the record does not tell. */
const truthOf = (entry: ModelEntry, answer: Answer, world: World) => {
  const at = entry.at.getTime()
  const { connections, kills } = world
  // Nothing was written down of who came in the last moments of a node that died: no record can name it.
  const onRecord = connections.filter(({ row }) => row !== null)
  const got = connections.filter((one) => one.got.has(entry.seq))
  const isUnseen =
    got.length > 0 && got.every((one) => one.row === null && one.code === 'NODE_LOST')
  if (answer.verdict === 'unknown') {
    // Whatever a node did not hear of for long before it died, it may have been told of at last.
    const isNearKill = kills.some(
      (kill) => (at > kill.at - 5_000 && at < kill.at + 5_000) || kill.run.isFenced,
    )
    const isReplayNearKill = kills.some(({ at: killed, run }) =>
      connections.some(
        (one) => one.run === run && one.connectedAt > killed - 1_500 && one.joined >= entry.seq,
      ),
    )
    const isStalledReplay = connections.some(
      (one) =>
        one.code === 'NODE_LOST' &&
        one.how === 'replay' &&
        one.joined >= entry.seq &&
        one.isStalled,
    )
    const isYoung = world.now - at < 1_000
    const isLive = connections.some((one) => one.closedAt === null)
    // What arrived last before a client left is not on record.
    const hasJustLeft = connections.some(
      (one) =>
        one.closedAt !== null &&
        one.closedAt - at < 5_000 &&
        one.closedAt >= at - 100 &&
        /^(?:CLIENT_|PING_)/.test(one.code ?? ''),
    )
    const isStalledAtKill = connections.some((one) => one.code === 'NODE_LOST' && one.isStalled)
    return {
      verdict: 'unknown',
      isExcused:
        isNearKill ||
        isReplayNearKill ||
        isStalledReplay ||
        isLive ||
        hasJustLeft ||
        isYoung ||
        isStalledAtKill ||
        connections.some((one) => isMovedAround(one, world)),
    }
  }
  const tells = !isUnseen || answer.gaps.length > 0
  if (got.length > 0 && !isUnseen) {
    const applied = got.filter(
      ({ row, applied }) => row !== null && applied !== null && applied >= entry.seq,
    )
    // Whether a client that lost its node had told of it before is the record's to say.
    const isUnsure = applied.every(
      (one) => one.closedAt === null || isLost(one) || isMovedAround(one, world),
    )
    const isApplied = applied.length > 0 && (answer.verdict === 'applied' || !isUnsure)
    const reasons = (isApplied ? applied : got).map((one) =>
      one.how === 'replay' && entry.seq <= one.joined ? 'replayed' : 'live',
    )
    return {
      verdict: isApplied ? 'applied' : 'written',
      reason: reasons.find((reason) => reason === answer.reason) ?? reasons[0],
      isTimed: true,
      tells,
    }
  }
  const seen = entry.living.length > 0 ? entry.living : world.runs
  if (!seen.some(entry.isSentBy))
    return { verdict: 'not_allowed', reason: answer.reason, isTimed: true, tells }
  const open = onRecord.filter(
    (one) => one.joined < entry.seq && one.connectedAt <= at && (one.closedAt ?? Infinity) >= at,
  )
  const missed = onRecord.find(
    (one) => one.waiting.includes(entry.seq) || (open.includes(one) && entry.isSentBy(one.run)),
  )
  if (missed !== undefined) {
    return { verdict: 'ended', reason: REASONS[missed.code ?? ''], isTimed: true, tells }
  }
  if (open.length > 0) return { verdict: 'not_allowed', reason: 'role', isTimed: true, tells }
  const later = onRecord.find((one) => one.how !== 'replay' && one.joined >= entry.seq)
  const reason =
    later === undefined
      ? 'not_connected'
      : later.how === 'live'
        ? 'older_than_snapshot'
        : 'reset_instead'
  return { verdict: 'not_connected', reason, isTimed: true, tells }
}

/** Whether a right changed so near its beginning that the record cannot tell which came first. */
const isMovedAround = (
  { connectedAt }: { readonly connectedAt: number },
  { changes }: World,
): boolean => changes.some((change) => Math.abs(change.at.getTime() - connectedAt) <= 100)

const isLost = ({ code }: { readonly code: string | null }): boolean => code === 'NODE_LOST'

const REASONS: Readonly<Record<string, string>> = {
  SLOW_CONSUMER: 'cut_slow',
  AUTH_STALE: 'node_fenced',
  NODE_LOST: 'node_died',
  AUTH_SESSION_REVOKED: 'session_ended',
  AUTH_USER_INACTIVE: 'session_ended',
  AUTH_USER_UNKNOWN: 'session_ended',
  CLIENT_GONE: 'connection_ended',
  SERVER_DRAINING: 'connection_ended',
}

const rules: fc.Arbitrary<Rules> = fc.oneof(
  { weight: 3, arbitrary: fc.constant<Rules>({ stock: '*', low: '*' }) },
  {
    weight: 1,
    arbitrary: fc.record<Rules>({
      stock: fc.subarray([...ROLES]),
      low: fc.subarray([...ROLES]),
    }),
  },
)
const role = fc.constantFrom(...ROLES)
const node = fc.nat(1)
const which = fc.nat(5)

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({
      do: fc.constant('entry' as const),
      audience: fc.constantFrom(
        'stock',
        'stock',
        'stock',
        'alerts',
        'alert',
        'alert_escalated',
        'internal',
      ),
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('connect' as const),
      node,
      back: fc.constantFrom(-1, 0, 1, 3, 8, 20),
      slow: fc.boolean(),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constantFrom('leave', 'stall', 'unstall', 'unstall', 'cut', 'apply', 'apply'),
      which,
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom('role', 'grant', 'ungrant'), role }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constantFrom('deactivate', 'activate', 'activate', 'revoke') }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constantFrom('fence', 'unfence', 'unfence', 'giveUp', 'kill', 'stop'),
      node,
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('start' as const), node, rules }) },
  { weight: 1, arbitrary: fc.constantFrom<Step[]>({ do: 'nothing' }, { do: 'delete' }) },
)
