import { countArrivals, type ArrivedSince } from './byte-account.js'
import type { Finding } from '../frame/figure.js'
import type { SecurityContext, SecurityFigure } from './figure.js'
import type { Rig } from '../frame/rig.js'
import { openSession, type Session } from '../frame/session.js'
import { grouped } from '../../e2e/rig/statistics.js'
import { countStockBytes, type StockBytes } from './stock-bytes.js'
import { mapAtOnce, repeat, waitUntil } from '../../e2e/rig/timing.js'

/** What one socket got after the end of its right. */
interface Account {
  readonly isSlow: boolean
  /** Events with a number above the revocation's. */
  readonly numberedAfter: number
  readonly bytesAfterAck: number
}

const EVENT_BYTES = 8_000
const BURST = 300
const ACK_WITHIN_MS = 10_000
const END_WITHIN_MS = 10_000

/** Packets numbered after a revocation, and bytes after a node's acknowledgement of it; slow readers included. */
export const afterRevocation: SecurityFigure = {
  name: 'bytes',
  run: async (context) => {
    const { rig, sized } = context
    const users = await rig.addUsers(sized(25, 5), 'pharmacist')
    const rounds = sized(10)
    await rig.database.query(
      `insert into inventory_items (sku, name, metadata)
       select 'pour-' || n, 'Item ' || n, jsonb_build_object('filler', repeat('x', $1))
         from generate_series(1, $2::integer) n`,
      [EVENT_BYTES, BURST],
    )
    const accounts: Account[] = []
    for (let round = 0; round < rounds; round += 1) {
      accounts.push(...(await measureRound(context, users)))
    }
    await rig.database.query(`update users set is_active = false where id = any($1::uuid[])`, [
      `{${users.join()}}`,
    ])
    const stock = await countStockBytes(sized(20, 4), EVENT_BYTES, BURST)
    return {
      findings: [toFinding(accounts, rounds * users.length), stockFinding(stock)],
      raw: { accounts, stock },
    }
  },
}

const measureRound = async (
  context: SecurityContext,
  users: readonly string[],
): Promise<Account[]> => {
  const { rig, random } = context
  const { database } = rig
  await database.query('update users set is_active = true where id = any($1::uuid[])', [
    `{${users.join()}}`,
  ])
  const sockets = await connectAll(rig, users)
  const ofUser = (userId: string): readonly Session[] =>
    sockets.filter((_, index) => users[index % users.length] === userId)
  const slow = new Set(users.map((userId) => random.pick(ofUser(userId))))
  for (const socket of slow) socket.pause()
  // One transaction, an entry for each item: megabytes for each socket, which the slow ones leave unread.
  await database.query(`update inventory_items set unit = $1 where sku like 'pour-%'`, [
    String(random.next()),
  ])
  await waitUntil(() => sockets.every((s) => slow.has(s) || s.seqs.length >= BURST), 20_000)

  const stopPouring = repeat(20, () =>
    database.query('update inventory_items set unit = $1 where sku = $2', [
      String(random.next()),
      `pour-${String(random.int(1, BURST))}`,
    ]),
  )
  const endings = await mapAtOnce(random.shuffled(users), 1, (userId) =>
    endRight(rig, userId, ofUser(userId)),
  )
  await stopPouring()
  for (const socket of slow) socket.resume()
  await waitUntil(() => sockets.every((s) => s.closedAt() !== undefined), END_WITHIN_MS)
  for (const socket of sockets) socket.destroy()
  return endings.flatMap(({ seq, arrivals }) =>
    [...arrivals].map(([socket, arrived]) => ({
      isSlow: slow.has(socket),
      numberedAfter: socket.seqs.filter((number) => number > seq).length,
      bytesAfterAck: arrived(),
    })),
  )
}

/** One socket of each user on each node. */
const connectAll = (rig: Rig, users: readonly string[]): Promise<Session[]> => {
  const wanted = rig.nodes.flatMap((_, node) => users.map((userId) => ({ userId, node })))
  return mapAtOnce(wanted, 40, async ({ userId, node }) => {
    const session = openSession(rig.urlOf(node), { node, token: rig.tokenFor(userId) })
    await session.decided
    if (!session.isConnected()) throw new Error(`Not admitted: ${session.refusal() ?? 'closed'}.`)
    return session
  })
}

interface Ending {
  readonly seq: number
  readonly arrivals: ReadonlyMap<Session, ArrivedSince>
}

/** Revokes the user, and looks at his sockets in the tick in which their node's acknowledgement is seen. */
const endRight = async (
  { database, nodeNameOf }: Rig,
  userId: string,
  sockets: readonly Session[],
): Promise<Ending> => {
  await database.query('update users set is_active = false where id = $1', [userId])
  const [revocation] = await database.query<{ seq: number }>(
    'select max(seq) as seq from revocations where user_id = $1',
    [userId],
  )
  const seq = revocation?.seq ?? 0
  const arrivals = new Map<Session, ArrivedSince>()
  const isAcknowledged = async (): Promise<boolean> => {
    const acks = await database.query<{ node: string }>(
      `select n.name as node from revocation_acks a join nodes n on n.id = a.node_run where a.seq = $1`,
      [seq],
    )
    const nodes = new Set(acks.map(({ node }) => node))
    const news = sockets.filter((s) => nodes.has(nodeNameOf(s.node)) && !arrivals.has(s))
    for (const [socket, arrived] of countArrivals(news)) arrivals.set(socket, arrived)
    return arrivals.size === sockets.length
  }
  if (!(await waitUntil(isAcknowledged, ACK_WITHIN_MS, 1))) {
    throw new Error(`Not every node has acknowledged revocation ${String(seq)}.`)
  }
  return { seq, arrivals }
}

const toFinding = (accounts: readonly Account[], revocations: number): Finding => {
  const sum = (of: (account: Account) => number): number =>
    accounts.reduce((total, account) => total + of(account), 0)
  const [numbered, bytes] = [sum((a) => a.numberedAfter), sum((a) => a.bytesAfterAck)]
  return {
    figure:
      'Packets numbered after the revocation; bytes after the acknowledgement of the node, slow readers included',
    goal: '0 and 0',
    measured:
      `${String(numbered)} packets and ${String(bytes)} bytes, over ${grouped(revocations)} revocations, ` +
      `${grouped(accounts.length)} sockets, ${grouped(sum((a) => Number(a.isSlow)))} of them not reading with ` +
      `${((BURST * EVENT_BYTES) / 1e6).toFixed(1)} MB of events sent to each`,
    met: numbered === 0 && bytes === 0,
    ...(numbered === 0 && bytes === 0 ? {} : { remark: 'A revoked socket was still served.' }),
  }
}

const stockFinding = ({ readers, events, bytes }: StockBytes): Finding => ({
  figure: 'Floor: stock Socket.IO, `disconnectSockets(true)`, readers that do not read, same count',
  goal: 'none',
  measured: `${grouped(events)} packets, ${grouped(bytes)} bytes after the disconnection, ${String(readers)} sockets`,
  met: true,
})
