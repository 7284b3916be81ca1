import { setTimeout as delay } from 'node:timers/promises'
import type { Random } from '../rig/random.js'
import { checkExplained, pickEntries, type Explained } from './check-explain.js'
import type { Cluster } from './cluster.js'
import type { Round } from './round.js'

/** What asking has shown. */
export interface Asked {
  /** The number of the history, and what is wrong. */
  readonly problems: readonly { readonly index: number; readonly problem: string }[]
  readonly counts: ReadonlyMap<string, number>
}

const AT_ONCE = 6
const RECORDED_WITHIN_MS = 20_000

/** Asks for some entries of each history what became of them, over REST, and holds the answers against what is known. */
export const askRound = async (
  cluster: Cluster,
  { finished, facts, faults }: Round,
  random: Random,
  each: number,
): Promise<Asked> => {
  const problems: { index: number; problem: string }[] = []
  const counts = new Map<string, number>()
  const left = finished.flatMap((one) =>
    pickEntries(random, facts.entries, one.rights, each).map((entry) => ({ ...one, entry })),
  )
  const deadline = Date.now() + RECORDED_WITHIN_MS
  const work = async (): Promise<void> => {
    for (let next = left.pop(); next !== undefined; next = left.pop()) {
      const { recording, rights, entry } = next
      let told = await askOne(cluster, recording.userId, entry.seq)
      while (told.reason === 'not_yet_recorded' && Date.now() < deadline) {
        await delay(1_000)
        told = await askOne(cluster, recording.userId, entry.seq)
      }
      const { problem, counted } = checkExplained(recording, rights, entry, told, faults)
      counts.set(counted, (counts.get(counted) ?? 0) + 1)
      if (problem !== undefined) problems.push({ index: recording.index, problem })
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
  return { problems, counts }
}

const askOne = async (cluster: Cluster, userId: string, seq: number): Promise<Explained> => {
  const path = `/api/explain?userId=${userId}&seq=${String(seq)}`
  for (let turn = seq; ; turn += 1) {
    const url = cluster.nodes[turn % cluster.nodes.length]?.url ?? ''
    const answer = await cluster
      .rest({ url, method: 'GET', path, token: cluster.adminToken() })
      .catch(() => undefined)
    if (answer?.status === 200) return answer.body as Explained
    if (answer !== undefined && [400, 404].includes(answer.status)) {
      return { allowed: null, verdict: 'none', reason: answer.text }
    }
    await delay(300)
  }
}
