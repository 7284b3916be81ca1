import type { Recorder, RevokeRecord } from '../history.js'
import type { Random } from '../random.js'
import type { RigUser } from '../rig/population.js'
import type { Rig } from '../rig/rig.js'
import type { TokenBook } from '../rig/token-book.js'
import { pause } from './pace.js'
import { startRacers } from './racers.js'
import type { Rest } from './rest.js'

export interface RevokerOptions {
  readonly rig: Rig
  readonly admin: RigUser
  readonly subjects: readonly RigUser[]
  readonly tokens: TokenBook
  readonly rest: Rest
  readonly recorder: Recorder
  readonly random: Random
  readonly everyMs: number
  /** Probability that connections of the user are on their way while his right ends. */
  readonly racing: number
}

export interface Revoker {
  /** Takes the right of one user now. */
  readonly strike: (user?: RigUser) => Promise<void>
  /** Stops, and gives everybody his first role and activity back. */
  readonly stop: () => Promise<void>
}

const OTHER_ROLES = ['educator', 'patient', 'doctor', 'pharmacist']
const AWAY_MS: readonly [number, number] = [1_500, 6_000]

/** Takes users' rights, and gives them back later: deactivates, revokes, changes roles. */
export function startRevoker(options: RevokerOptions): Revoker {
  const { rig, admin, subjects, tokens, rest, recorder, random } = options
  const busy = new Set<string>()
  const underWay = new Set<Promise<void>>()
  let stopped = false
  let count = 0

  async function strike(wanted?: RigUser): Promise<void> {
    const user = wanted ?? random.pick(subjects)
    if (busy.has(user.id)) return
    busy.add(user.id)
    try {
      const action = random.pick(['deactivate', 'deactivate', 'revoke', 'role'] as const)
      const stopRacers =
        action !== 'role' && random.chance(options.racing)
          ? startRacers({ ...options, nodes: rig.nodes, user })
          : undefined
      if (stopRacers !== undefined) await pause(random.int(0, 150))
      const role = random.pick(OTHER_ROLES.filter((other) => other !== user.role))
      await change(user, action, role)
      await pause(random.int(...AWAY_MS))
      await stopRacers?.()
      await change(user, 'restore', user.role)
    } finally {
      busy.delete(user.id)
    }
  }

  async function change(user: RigUser, action: RevokeRecord['action'], role: string) {
    count += 1
    const base = { op: 'revoke', id: `revoke-${String(count)}`, userId: user.id, action } as const
    recorder.add({ ...base, phase: 'invoke', seq: null, ackAt: null })
    const bodies = {
      deactivate: { isActive: false },
      role: { role },
      restore: { isActive: true, role: user.role },
      revoke: undefined,
    }
    const body = bodies[action]
    await untilDone(async () => {
      const answer = await rest({
        url: random.pick(rig.nodes).url,
        method: body === undefined ? 'POST' : 'PATCH',
        path: `/api/users/${user.id}${body === undefined ? '/revoke' : ''}`,
        token: tokens.of(admin.id).token,
        ...(body === undefined ? {} : { body }),
      })
      if (answer.status !== 200) throw new Error(`${String(answer.status)} ${answer.text}`)
    })
    const ackAt = recorder.now()
    const seq = await untilDone(() => lastChange(user.id))
    recorder.add({ ...base, phase: 'ok', seq, ackAt })
    if (action === 'restore' || action === 'revoke') tokens.renew(user.id)
  }

  const lastChange = (userId: string): Promise<number> =>
    rig.sql(async (client) => {
      const { rows } = await client.query<{ seq: string }>(
        'select coalesce(max(seq), 0) as seq from event_log where audience = $1',
        [`user:${userId}`],
      )
      return Number(rows[0]?.seq ?? 0)
    })

  async function untilDone<T>(work: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await work()
      } catch {
        await pause(200)
      }
    }
  }

  async function run(): Promise<void> {
    while (!isStopped()) {
      await pause(options.everyMs * (0.5 + random.next()))
      if (isStopped()) return
      const one = strike().finally(() => underWay.delete(one))
      underWay.add(one)
    }
  }
  const isStopped = (): boolean => stopped

  const running = run()
  return {
    strike,
    async stop() {
      stopped = true
      await running
      await Promise.all(underWay)
    },
  }
}
