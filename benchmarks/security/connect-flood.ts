import type { Finding } from '../frame/figure.js'
import type { SecurityFigure } from './figure.js'
import { startLocalService, type LocalService } from './local-service.js'
import { countNaiveLookUps } from './naive.js'
import { openRawClient } from '../../e2e/rig/raw-client.js'
import { grouped } from '../../e2e/rig/statistics.js'
import { signToken } from '../../e2e/rig/tokens.js'
import { waitUntil } from '../../e2e/rig/timing.js'

/** What one connection with a flood of CONNECT packets cost and got. */
interface Flood {
  readonly kind: string
  readonly way: 'all at once' | 'one after the other'
  readonly sent: number
  readonly lookUps: number
  readonly closed: boolean
  readonly sessions: number
}

const PACKETS = 1_000
const UNKNOWN_USER = '00000000-0000-4000-8000-000000000000'
const CLOSES_WITHIN_MS = 5_000

/** 1,000 CONNECT packets on one connection. */
export const connectFlood: SecurityFigure = {
  name: 'flood',
  run: async ({ rig, sized }) => {
    await using service = await startLocalService(rig, 'flood', { beforeMs: 0, afterMs: 0 })
    const floods: Flood[] = []
    for (let repetition = sized(20); repetition > 0; repetition -= 1) {
      const users = await service.addUsers(PACKETS)
      const [first = ''] = users
      const tokens: Readonly<Record<string, (index: number) => string>> = {
        garbage: (index) => `garbage.${String(index)}.token`,
        'unknown user': () => signToken(rig.secret, UNKNOWN_USER),
        'one user': () => service.tokenFor(first),
        'many users': (index) => service.tokenFor(users[index] ?? ''),
      }
      for (const [kind, tokenOf] of Object.entries(tokens)) {
        floods.push(await flood(service, kind, 'all at once', tokenOf))
        floods.push(await flood(service, kind, 'one after the other', tokenOf))
      }
    }
    const naive = await countNaiveLookUps(PACKETS)
    return { findings: [toFinding(floods), naiveFinding(naive)], raw: { floods, naive } }
  },
}

const flood = async (
  service: LocalService,
  kind: string,
  way: Flood['way'],
  tokenOf: (index: number) => string,
): Promise<Flood> => {
  const before = service.lookUps()
  let [sent, sessions] = [0, 0]
  const connect = (): string => {
    sent += 1
    return `40${JSON.stringify({ token: tokenOf(sent - 1) })}`
  }
  const client = openRawClient(service.url, {
    onPacket: (packet) => {
      if (packet.startsWith('40')) sessions += 1
      const isAnswer = packet.startsWith('44') || packet.startsWith('40')
      if (way === 'one after the other' && isAnswer && sent < PACKETS) client.send(connect())
    },
  })
  await client.opened
  if (way === 'one after the other') client.send(connect())
  else client.send(...Array.from({ length: PACKETS }, connect))
  const closed = await waitUntil(() => client.closedAt() !== undefined, CLOSES_WITHIN_MS)
  client.destroy()
  return { kind, way, sent, lookUps: service.lookUps() - before, closed, sessions }
}

const toFinding = (floods: readonly Flood[]): Finding => {
  const mostLookUps = Math.max(...floods.map(({ lookUps }) => lookUps))
  const mostSessions = Math.max(...floods.map(({ sessions }) => sessions))
  const open = floods.filter(({ closed }) => !closed).length
  return {
    figure: '1,000 CONNECT packets on one connection, at once and one after the other',
    goal: 'at most 3 look-ups, closed',
    measured:
      `at most ${String(mostLookUps)} look-ups and ${String(mostSessions)} session, ` +
      `${String(open)} of ${grouped(floods.length)} connections left open (no valid token, unknown user, one user, many users)`,
    met: mostLookUps <= 3 && open === 0 && mostSessions <= 1,
  }
}

const naiveFinding = (naive: Awaited<ReturnType<typeof countNaiveLookUps>>): Finding => ({
  figure:
    'Floor: stock Socket.IO with a middleware, 1,000 CONNECT packets with a bad token at once',
  goal: 'none',
  measured: `${grouped(naive.lookUps)} look-ups, ${naive.closed ? 'closed' : 'left open'}`,
  met: true,
})
