import { currentLoad } from '../../rig/machine.js'
import type { Recorder } from '../history.js'
import type { Rig, RigNode } from '../rig/rig.js'
import type { Crowd } from './crowd.js'
import { pause } from './pace.js'

/** Longer than the checker allows: what does not come back in this time is taken for lost, and the run goes on. */
const PATIENCE_MS = 90_000
const LOOK_EVERY_MS = 200
const ANSWER_WITHIN_MS = 5_000

/**
 * Resolves when all nodes say that they are ready and a change made after the fault has reached everybody who may see it,
 * and puts on record how long that took, or what had not come back in 90 s. Who was left behind gets another token, so
 * that one who is lost is told once.
 */
export const untilRecovered = async (
  id: number,
  options: {
    readonly rig: Rig
    readonly crowd: Crowd
    readonly recorder: Recorder
    readonly probe: () => Promise<number>
    readonly say: (line: string) => void
  },
): Promise<void> => {
  const { rig, crowd, recorder, probe, say } = options
  const startedAt = recorder.now()
  let seq: number
  try {
    seq = await probe()
  } catch (error) {
    const why = `no change can be committed: ${error instanceof Error ? error.message : String(error)}`
    recorder.add({
      op: 'recovered',
      id,
      afterMs: recorder.now() - startedAt,
      notReady: [why],
      behind: [],
    })
    say(`  NOT WELL: ${why}`)
    return
  }
  for (;;) {
    const states = await Promise.all(rig.nodes.map(readiness))
    const notReady = states.filter((state) => state !== undefined)
    const behind = crowd.behind(seq)
    const afterMs = recorder.now() - startedAt
    if ((notReady.length > 0 || behind.length > 0) && afterMs < PATIENCE_MS) {
      await pause(LOOK_EVERY_MS)
      continue
    }
    const names = behind.map(({ follower }) => follower.client)
    recorder.add({ op: 'recovered', id, afterMs, notReady, behind: names })
    const lacking = [...notReady, ...names]
    say(
      lacking.length === 0
        ? `  all is well after ${(afterMs / 1_000).toFixed(1)} s (load ${currentLoad().toFixed(1)})`
        : `  NOT WELL after ${(afterMs / 1_000).toFixed(1)} s: ${lacking.join(', ')}`,
    )
    const users = new Set(behind.map(({ follower }) => follower.userId))
    const { listeners, subjects } = crowd.population
    for (const user of [...listeners, ...subjects]) {
      if (users.has(user.id)) await crowd.logIns.renew(user)
    }
    return
  }
}

/** What is wrong with a node, by its own word; undefined where nothing is. */
const readiness = async ({ name, url }: RigNode): Promise<string | undefined> => {
  try {
    const signal = AbortSignal.timeout(ANSWER_WITHIN_MS)
    const answer = await fetch(`${url}/health/ready`, { signal })
    const { ready, redis } = (await answer.json()) as {
      ready: boolean
      redis: { state: string }
    }
    return ready && redis.state !== 'down' ? undefined : `${name} (Redis ${redis.state})`
  } catch (error) {
    return `${name} (${error instanceof Error ? error.message : String(error)})`
  }
}

/** After a fault that failed itself: opens all edges, starts the nodes that are gone, and puts on record that it failed. */
export const healAll = async (
  id: number,
  error: unknown,
  options: {
    readonly rig: Rig
    readonly recorder: Recorder
    readonly say: (line: string) => void
  },
): Promise<void> => {
  const { rig, recorder, say } = options
  const why = error instanceof Error ? error.message : String(error)
  say(`  FAILED: ${why}`)
  recorder.add({ op: 'recovered', id, afterMs: 0, notReady: [`the fault: ${why}`], behind: [] })
  for (const node of rig.nodes) {
    for (const edge of [node.clients, node.postgres, node.redis]) edge.setMode({ kind: 'pass' })
    if (!node.isRunning()) await node.start()
  }
}
