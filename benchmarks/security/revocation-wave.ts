import { cpuSeconds } from '../../e2e/rig/machine.js'
import { openSession, type Session } from '../frame/session.js'
import { mapAtOnce, waitUntil } from '../../e2e/rig/timing.js'

/** The users of a measurement, and how their sockets are opened. */
export interface Crowd {
  readonly users: readonly string[]
  readonly socketsPerUser: number
  readonly nodes: number
  /** Processes of the nodes. */
  readonly pids: readonly number[]
  readonly urlOf: (node: number) => string
  readonly tokenFor: (userId: string) => string
}

/** What became of one connecting and revoking of the whole crowd. */
export interface Wave {
  readonly way: 'one by one' | 'together'
  /** To the last socket of the revoked user; of all of them where they were revoked together. */
  readonly ms: readonly number[]
  readonly revocations: number
  readonly closed: number
  readonly missed: number
  /** CPU that nodes and clients used from the order to the last end. */
  readonly cpuMs: number
}

/** Ends the right of the users; resolves to the `performance.now()` from which the time counts. */
export type Revoke = (userIds: readonly string[]) => Promise<number>

const GIVE_UP_AFTER_MS = 15_000
const CONNECT_AT_ONCE = 40

/** Counts from before the order is sent. */
export const revokeTogether = async (order: () => Promise<void>): Promise<number> => {
  const sentAt = performance.now()
  await order()
  return sentAt
}

/** Connects the crowd, spread over the nodes, then ends it by `revoke` and waits for each socket's end. */
export const measureWave = async (
  crowd: Crowd,
  way: Wave['way'],
  revoke: Revoke,
): Promise<Wave> => {
  const socketsOf = await connectCrowd(crowd)
  const groups = way === 'together' ? [crowd.users] : crowd.users.map((userId) => [userId])
  const ms: number[] = []
  let [closed, missed] = [0, 0]
  const cpuMsNow = (): number =>
    cpuSeconds(crowd.pids) * 1_000 +
    process.cpuUsage().user / 1_000 +
    process.cpuUsage().system / 1_000
  const cpuAt = cpuMsNow()
  for (const group of groups) {
    const sockets = group.flatMap((userId) => socketsOf.get(userId) ?? [])
    const early = sockets.filter((socket) => socket.closedAt() !== undefined).length
    if (early > 0) throw new Error(`${String(early)} sockets had ended before their revocation.`)
    const commitAt = await revoke(group)
    await waitUntil(
      () => sockets.every((socket) => socket.closedAt() !== undefined),
      GIVE_UP_AFTER_MS,
      2,
    )
    const ends = sockets.flatMap((socket) => socket.closedAt() ?? [])
    closed += ends.length
    missed += sockets.length - ends.length
    ms.push(Math.max(...ends) - commitAt)
    for (const socket of sockets) socket.destroy()
  }
  const cpuMs = cpuMsNow() - cpuAt
  return { way, ms, revocations: crowd.users.length, closed, missed, cpuMs }
}

const connectCrowd = async (crowd: Crowd): Promise<Map<string, Session[]>> => {
  const socketsOf = new Map<string, Session[]>()
  const owners = crowd.users.flatMap((userId) =>
    Array.from({ length: crowd.socketsPerUser }, () => userId),
  )
  await mapAtOnce(owners, CONNECT_AT_ONCE, async (userId, index) => {
    const node = index % crowd.nodes
    const session = openSession(crowd.urlOf(node), { node, token: crowd.tokenFor(userId) })
    await session.decided
    if (!session.isConnected()) {
      throw new Error(`A socket was not admitted: ${session.refusal() ?? 'it was closed'}.`)
    }
    socketsOf.set(userId, [...(socketsOf.get(userId) ?? []), session])
  })
  return socketsOf
}
