import { endsRight } from '../checker/revocation.js'
import type { Recorder, RevokeRecord } from '../history.js'
import type { Random } from '../../rig/random.js'
import type { RigUser } from '../rig/population.js'
import type { Rig } from '../rig/rig.js'
import type { TokenBook } from '../rig/token-book.js'
import type { LogIns } from './log-ins.js'
import { every, pause } from './pace.js'
import { startRacers } from './racers.js'
import type { Rest } from '../../rig/rest.js'
import { lackingRights } from './rights.js'
import { takeBySql } from './sql-rights.js'

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
  /** Gives a user a token after he got his right back. */
  readonly logIns: Pick<LogIns, 'renew'>
  /** Probability that a right is taken by plain SQL. */
  readonly bySql: number
}

type Taking = 'deactivate' | 'revoke' | 'role' | 'session'
export type Via = 'rest' | 'sql'

export interface Revoker {
  /** Takes the right of one user now. */
  readonly strike: (user?: RigUser, action?: Taking, via?: Via) => Promise<void>
  /** Whether the right of a user is taken now, and the service has said so. */
  readonly isAway: (userId: string) => boolean
  /** Whether his right is being taken or given back, so that nothing can be said of what he may. */
  readonly isBusy: (userId: string) => boolean
  /** Gives back what was taken by a change that came late; returns how many had lacked something. */
  readonly mend: () => Promise<number>
  /** Stops, and gives everybody his first role and activity back. */
  readonly stop: () => Promise<void>
}

const OTHER_ROLES = ['educator', 'patient', 'doctor', 'pharmacist']
const AWAY_MS: readonly [number, number] = [1_500, 6_000]
const MEND_EVERY_MS = 2_000

/** Takes users' rights, and gives them back later: deactivates, revokes, changes roles. */
export const startRevoker = (options: RevokerOptions): Revoker => {
  const { rig, admin, subjects, tokens, rest, recorder, random } = options
  const busy = new Set<string>()
  const away = new Set<string>()
  const underWay = new Set<Promise<void>>()
  let count = 0
  let stopped = false

  const strike: Revoker['strike'] = async (wanted, how, via) => {
    if (stopped) return
    const one = takeAndGiveBack(wanted, how, via).finally(() => underWay.delete(one))
    underWay.add(one)
    await one
  }

  const takeAndGiveBack = async (wanted?: RigUser, how?: Taking, by?: Via): Promise<void> => {
    const user = wanted ?? random.pick(subjects)
    if (busy.has(user.id)) return
    busy.add(user.id)
    try {
      const ways: readonly Taking[] = ['deactivate', 'deactivate', 'revoke', 'role']
      // Only who has logged in has a session of the service.
      const action = how ?? random.pick(user.logsIn ? [...ways, 'session', 'session'] : ways)
      const via = by ?? (options.bySql > 0 && random.chance(options.bySql) ? 'sql' : 'rest')
      const races = how === undefined && action !== 'role' && random.chance(options.racing)
      if (races) await forget(user)
      const stopRacers = races ? startRacers({ ...options, nodes: rig.nodes, user }) : undefined
      if (stopRacers !== undefined) await pause(random.int(0, 150))
      const role = random.pick(OTHER_ROLES.filter((other) => other !== user.role))
      await change(user, action, role, via)
      away.add(user.id)
      await pause(random.int(...AWAY_MS))
      await stopRacers?.()
      await change(user, 'restore', user.role)
    } finally {
      busy.delete(user.id)
      away.delete(user.id)
    }
  }

  /** A change that got no answer in time is sent again; the first may be committed after the one that undid it. */
  const mend = async (): Promise<number> => {
    const lacking = await untilDone(() => lackingRights(subjects, { rig, tokens }))
    const left = lacking.filter(({ id }) => !busy.has(id))
    await Promise.all(
      left.map(async (user) => {
        busy.add(user.id)
        try {
          await change(user, 'restore', user.role)
        } finally {
          busy.delete(user.id)
        }
      }),
    )
    return left.length
  }

  const change = async (
    user: RigUser,
    action: RevokeRecord['action'],
    role: string,
    via: Via = 'rest',
  ): Promise<void> => {
    count += 1
    const base = { op: 'revoke', id: `revoke-${String(count)}`, userId: user.id, action } as const
    recorder.add({ ...base, phase: 'invoke', seq: null, ackAt: null })
    await untilDone(() =>
      via === 'sql'
        ? takeBySql(rig, { userId: user.id, action, role })
        : takeByRest(user, action, role),
    )
    const ackAt = recorder.now()
    const seq = await untilDone(() => lastChange(user.id))
    recorder.add({ ...base, phase: 'ok', seq, ackAt })
    if (endsRight(action)) tokens.ended(user.id)
    if (action === 'restore' || (action === 'revoke' && !user.logsIn)) {
      await options.logIns.renew(user)
    }
  }

  const takeByRest = async (
    user: RigUser,
    action: RevokeRecord['action'],
    role: string,
  ): Promise<void> => {
    if (action === 'session') {
      await logOut(user)
      return
    }
    const patch = { method: 'PATCH', path: `/api/users/${user.id}` } as const
    const calls = {
      deactivate: { ...patch, body: { isActive: false } },
      role: { ...patch, body: { role } },
      restore: { ...patch, body: { isActive: true, role: user.role } },
      revoke: { method: 'POST', path: `/api/users/${user.id}/revoke` },
    } as const
    const answer = await rest({
      url: random.pick(rig.nodes).url,
      token: tokens.of(admin.id).token,
      ...calls[action],
    })
    if (answer.status !== 200) throw new Error(`${String(answer.status)} ${answer.text}`)
  }

  /** Ends all sessions that the user has begun and nobody has ended. */
  const logOut = async (user: RigUser): Promise<void> => {
    for (const token of tokens.good(user.id)) {
      const { url } = random.pick(rig.nodes)
      const call = { url, token, method: 'POST', path: '/api/auth/logout', body: {} }
      const { status, text } = await rest(call)
      // Whose first answer did not come is out already.
      if (status !== 204 && status !== 401) throw new Error(`${String(status)} ${text}`)
    }
  }

  /** Changes what nobody sees, so that no node has the user in memory and each looks him up. */
  const forget = (user: RigUser): Promise<unknown> =>
    untilDone(() =>
      rig.sql((client) =>
        client.query('update users set email = $2 where id = $1', [
          user.id,
          `${user.username}-${String(count)}-${String(Math.round(recorder.now()))}@faults.test`,
        ]),
      ),
    )

  const lastChange = (userId: string): Promise<number> =>
    rig.sql(async (client) => {
      const { rows } = await client.query<{ seq: string }>(
        'select coalesce(max(seq), 0) as seq from event_log where audience = $1',
        [`user:${userId}`],
      )
      return Number(rows[0]?.seq ?? 0)
    })

  const untilDone = async <T>(work: () => Promise<T>): Promise<T> => {
    for (;;) {
      try {
        return await work()
      } catch {
        await pause(200)
      }
    }
  }

  const worker = every(
    () => options.everyMs * (0.5 + random.next()),
    async () => {
      void strike()
      await Promise.resolve()
    },
  )
  const mender = every(
    () => MEND_EVERY_MS,
    async () => {
      await mend()
    },
  )
  return {
    strike,
    mend,
    isAway: (userId) => away.has(userId),
    isBusy: (userId) => busy.has(userId),
    async stop() {
      stopped = true
      await worker.stop()
      await mender.stop()
      // Those of faults, too: one that is left behind would ask for ever for nodes that are gone.
      await Promise.all(underWay)
    },
  }
}
