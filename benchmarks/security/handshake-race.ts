import { setTimeout as delay } from 'node:timers/promises'
import type { Finding } from '../frame/figure.js'
import type { SecurityFigure } from './figure.js'
import { startLocalService } from './local-service.js'
import { openSession } from '../frame/session.js'
import { grouped } from '../../e2e/rig/statistics.js'
import { countNaiveSurvivors } from './naive.js'
import { mapAtOnce, waitUntil } from '../../e2e/rig/timing.js'

/** How one attempt ended that was revoked under way. */
type Outcome = 'refused' | 'closed before it was told' | 'closed after it was admitted' | 'survived'

/** The handshake takes about 30 ms: the sweep begins before it and ends after it. */
const SWEEP_MS = 50
const LOOK_UP = { beforeMs: 10, afterMs: 15 } as const
const AT_ONCE = 8
const SURVIVES_AFTER_MS = 2_000

/** A revocation at each millisecond of a handshake: nobody may stay. */
export const handshakeRace: SecurityFigure = {
  name: 'handshake',
  run: async ({ rig, sized }) => {
    const trials = sized(1_000)
    await using service = await startLocalService(rig, 'handshake', LOOK_UP)
    const users = await service.addUsers(trials)
    const outcomes = await mapAtOnce(users, AT_ONCE, async (userId, index): Promise<Outcome> => {
      const session = openSession(service.url, { token: service.tokenFor(userId) })
      await delay(index % SWEEP_MS)
      await service.database.query('update users set is_active = false where id = $1', [userId])
      await session.decided
      // Refused, it stays connected without being signed in, and may try again.
      const isOver = (): boolean =>
        session.closedAt() !== undefined || session.refusal() !== undefined
      const hasEnded = await waitUntil(isOver, SURVIVES_AFTER_MS, 2)
      session.destroy()
      if (!hasEnded) return 'survived'
      if (session.isConnected()) return 'closed after it was admitted'
      return session.refusal() === undefined ? 'closed before it was told' : 'refused'
    })
    const counts = countOutcomes(outcomes)
    const naive = await countNaiveSurvivors(sized(100, 50), SWEEP_MS, LOOK_UP)
    return { findings: [toFinding(counts, trials), naiveFinding(naive)], raw: { counts, naive } }
  },
}

type Counts = Readonly<Partial<Record<Outcome, number>>>

const countOutcomes = (outcomes: readonly Outcome[]): Counts => {
  const counts: Partial<Record<Outcome, number>> = {}
  for (const outcome of outcomes) counts[outcome] = (counts[outcome] ?? 0) + 1
  return counts
}

const toFinding = (counts: Counts, trials: number): Finding => ({
  figure: `Revocation swept through the handshake in 1 ms steps, 0 to ${String(SWEEP_MS - 1)} ms after it began`,
  goal: '0 survivors of 1,000',
  measured: `${String(counts.survived ?? 0)} survivors of ${grouped(trials)} (${list(counts)})`,
  met: (counts.survived ?? 0) === 0,
})

const naiveFinding = (naive: { readonly trials: number; readonly survivors: number }): Finding => ({
  figure: 'Floor: stock Socket.IO with the same slow look-up in a middleware, same sweep',
  goal: 'none',
  measured: `${String(naive.survivors)} survivors of ${grouped(naive.trials)}`,
  met: true,
})

const list = (counts: Counts): string =>
  Object.entries(counts)
    .map(([outcome, count]) => `${grouped(count)} ${outcome}`)
    .join(', ')
