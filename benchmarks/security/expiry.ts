import type { Finding } from '../frame/figure.js'
import type { SecurityContext, SecurityFigure } from './figure.js'
import { openSession, type Session } from '../frame/session.js'
import { grouped, summarise, told, type Summary } from '../../e2e/rig/statistics.js'
import { mapAtOnce, repeat, waitUntil } from '../../e2e/rig/timing.js'

/** A socket, and when it was closed after the end of its right, by the machine's clock, which client and nodes share. */
interface Expiring {
  readonly session: Session
  readonly closedAfterMs: () => number | undefined
  readonly refreshes: () => number
  readonly refused: () => number
}

const SOCKETS_PER_USER = 10
const SHORTEST_MS = 4_000
const LONGEST_MS = 12_000

/** Sockets end with their tokens, unless they refresh; then they lose nothing. */
export const expiry: SecurityFigure = {
  name: 'expiry',
  run: async (context) => {
    const { rig, random, sized } = context
    const users = await rig.addUsers(sized(100, 10), 'pharmacist')
    await rig.database.query(
      `insert into inventory_items (sku, name) values ('expiry', 'Item') on conflict do nothing`,
    )
    const stopPouring = repeat(50, () =>
      rig.database.query('update inventory_items set unit = $1 where sku = $2', [
        String(random.next()),
        'expiry',
      ]),
    )
    const owners = users.flatMap((userId) => Array.from({ length: SOCKETS_PER_USER }, () => userId))
    const sockets = await mapAtOnce(owners, 40, (userId, index) =>
      open(context, userId, index % rig.nodes.length, Math.floor(index / 3) % 2 === 0),
    )
    const leaving = sockets.filter((_, index) => Math.floor(index / 3) % 2 !== 0)
    const staying = sockets.filter((_, index) => Math.floor(index / 3) % 2 === 0)
    await waitUntil(
      () => leaving.every(({ session }) => session.closedAt() !== undefined),
      LONGEST_MS + 10_000,
    )
    await stopPouring()
    const lost = await countLost(context, staying)
    for (const { session } of sockets) session.destroy()

    const late = leaving.flatMap((socket) => socket.closedAfterMs() ?? [])
    const raw = {
      closed: late.length,
      stillOpen: leaving.length - late.length,
      afterExp: summarise(late),
      earliestMs: Math.round(Math.min(...late) * 10) / 10,
      refreshed: staying.length,
      refreshes: staying.reduce((sum, socket) => sum + socket.refreshes(), 0),
      refreshesRefused: staying.reduce((sum, socket) => sum + socket.refused(), 0),
      ...lost,
    }
    return { findings: toFindings(raw), raw }
  },
}

const open = async (
  { rig, random }: SecurityContext,
  userId: string,
  node: number,
  stays: boolean,
): Promise<Expiring> => {
  const lifeMs = (): number => random.int(SHORTEST_MS, LONGEST_MS)
  let nextExpiresAt = 0
  const sign = (): string => {
    const life = lifeMs()
    nextExpiresAt = Date.now() + life
    return rig.tokenFor(userId, life)
  }
  let closedAfterMs: number | undefined
  let [refreshes, refused] = [0, 0]
  const session = openSession(rig.urlOf(node), {
    node,
    token: sign(),
    onEvent: (name, own) => {
      if (name !== 'auth:expiring' || !stays) return
      own.send(`421${JSON.stringify(['auth:refresh', { token: sign() }])}`)
    },
    onAck: (packet) => {
      if (packet.includes('"ok":true')) refreshes += 1
      else refused += 1
    },
    onClosed: () => {
      closedAfterMs ??= Date.now() - nextExpiresAt
    },
  })
  await session.decided
  if (!session.isConnected()) throw new Error(`Not admitted: ${session.refusal() ?? 'closed'}.`)
  return {
    session,
    closedAfterMs: () => closedAfterMs,
    refreshes: () => refreshes,
    refused: () => refused,
  }
}

interface Lost {
  readonly due: number
  readonly lost: number
  readonly socketsLost: number
}

/** Compares what those who stayed hold with the log. */
const countLost = async ({ rig }: SecurityContext, staying: readonly Expiring[]): Promise<Lost> => {
  const log = await rig.database.query<{ seq: number }>(
    `select seq from event_log where name = 'inventory:update' order by seq`,
  )
  const last = log.at(-1)?.seq ?? 0
  await waitUntil(() => staying.every(({ session }) => (session.seqs.at(-1) ?? 0) >= last), 5_000)
  let [due, lost] = [0, 0]
  for (const { session } of staying) {
    const received = new Set(session.seqs)
    const wanted = log.filter(({ seq }) => seq > session.from())
    due += wanted.length
    lost += wanted.filter(({ seq }) => !received.has(seq)).length
  }
  const socketsLost = staying.filter(({ session }) => session.closedAt() !== undefined).length
  return { due, lost, socketsLost }
}

interface Raw extends Lost {
  readonly closed: number
  readonly stillOpen: number
  readonly afterExp: Summary
  readonly earliestMs: number
  readonly refreshed: number
  readonly refreshes: number
  readonly refreshesRefused: number
}

const toFindings = (raw: Raw): Finding[] => [
  {
    figure: 'Sockets closed after `exp`',
    goal: 'within 1 s, none before',
    measured:
      `${grouped(raw.closed)} sockets closed after ${told(raw.afterExp)} (earliest ${raw.earliestMs.toFixed(1)} ms), ` +
      `${String(raw.stillOpen)} still open`,
    met: raw.stillOpen === 0 && raw.afterExp.max <= 1_000 && raw.earliestMs >= -1,
  },
  {
    figure: 'Events lost by sockets that refresh in band',
    goal: '0',
    measured:
      `${String(raw.lost)} of ${grouped(raw.due)} due; ${grouped(raw.refreshed)} sockets, ` +
      `${grouped(raw.refreshes)} refreshes, ${String(raw.refreshesRefused)} refused, ${String(raw.socketsLost)} sockets lost`,
    met: raw.lost === 0 && raw.socketsLost === 0 && raw.refreshesRefused === 0,
  },
]
