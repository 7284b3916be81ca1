import type { Finding } from '../frame/figure.js'
import type { SecurityContext, SecurityFigure } from './figure.js'
import { expectedNumbers, readRights } from './rights-log.js'
import { openSession, type Session } from '../frame/session.js'
import { grouped } from '../../e2e/rig/statistics.js'
import { mapAtOnce, waitUntil } from '../../e2e/rig/timing.js'

const ITEMS = 20
const AT_ONCE = 6
const ROLES = ['pharmacist', 'doctor'] as const

/** Role changes and stock changes in any order: each socket sees exactly the events of its pharmacist times. */
export const roleChanges: SecurityFigure = {
  name: 'roles',
  run: async (context) => {
    const { rig, sized } = context
    const interleavings = sized(10_000)
    const users = await rig.addUsers(12, 'pharmacist')
    await rig.database.query(
      `with items as (
         insert into inventory_items (sku, name)
           select 'role-' || n, 'Item ' || n from generate_series(1, $1::integer) n returning sku)
       insert into inventory_lots (sku, lot_number, quantity, expiry_date)
         select sku, 'L1', 100, date '2099-01-01' from items`,
      [ITEMS],
    )
    const wanted = rig.nodes.flatMap((_, node) => users.map((userId) => ({ userId, node })))
    const sockets = await mapAtOnce(wanted, 20, async ({ userId, node }) => {
      const session = openSession(rig.urlOf(node), { node, token: rig.tokenFor(userId) })
      await session.decided
      return { userId, session }
    })
    const changes = await interleave(context, users, interleavings)
    const verdict = await judge(context, sockets)
    for (const { session } of sockets) session.destroy()
    const raw = { interleavings, ...changes, ...verdict }
    return { findings: [toFinding(raw, sockets.length)], raw }
  },
}

interface Changes {
  readonly roleChanges: number
  readonly stockChanges: number
  readonly inOneTransaction: number
}

/** Starts the changes of each interleaving together, on connections of their own; which commits first is chance. */
const interleave = async (
  { rig, random }: SecurityContext,
  users: readonly string[],
  interleavings: number,
): Promise<Changes> => {
  const { database } = rig
  let [stockChanges, inOneTransaction] = [0, 0]
  const changeRole = `update users set role = $1 where id = $2`
  const changeStock = `update inventory_lots set quantity = 1 + (quantity + $1::integer) % 1000 where sku = $2`
  await mapAtOnce([...Array(interleavings).keys()], AT_ONCE, async () => {
    const role = [random.pick(ROLES), random.pick(users)]
    const stock = Array.from({ length: random.int(1, 3) }, () => [
      random.int(1, 900),
      `role-${String(random.int(1, ITEMS))}`,
    ])
    stockChanges += stock.length
    if (random.chance(0.2)) {
      inOneTransaction += 1
      await database.transaction(async (tx) => {
        // Locks in one order, or two such transactions would wait for each other.
        for (const params of [...stock].sort((a, b) => String(a[1]).localeCompare(String(b[1])))) {
          await tx.query(changeStock, params)
        }
        await tx.query(changeRole, role)
      })
      return
    }
    const work = [
      () => database.query(changeRole, role),
      ...stock.map((params) => () => database.query(changeStock, params)),
    ]
    await Promise.all(random.shuffled(work).map((change) => change()))
  })
  return { roleChanges: interleavings, stockChanges, inOneTransaction }
}

interface Verdict {
  readonly due: number
  readonly missing: number
  readonly underWrongRole: number
  readonly outOfOrder: number
  readonly socketsLost: number
  /** What the same comparison finds wrong where each change of role is taken for 2 numbers late. */
  readonly foundIfLate: number
}

const judge = async (
  { rig }: SecurityContext,
  sockets: readonly { readonly userId: string; readonly session: Session }[],
): Promise<Verdict> => {
  const log = await readRights(rig.database)
  const due = sockets.map(({ userId, session }) => expectedNumbers(log, userId, session.from()))
  // What was committed last may still be on its way.
  await waitUntil(
    () => sockets.every(({ session }, index) => session.seqs.length >= (due[index]?.length ?? 0)),
    5_000,
  )
  const differences = sockets.map(({ userId, session }, index) => {
    const [expected, received] = [new Set(due[index]), new Set(session.seqs)]
    const late = new Set(expectedNumbers(log, userId, session.from(), 2))
    return {
      missing: countOutside(expected, received),
      underWrongRole: countOutside(received, expected),
      outOfOrder: session.seqs.filter((seq, i) => seq <= (session.seqs[i - 1] ?? 0)).length,
      foundIfLate: countOutside(late, received) + countOutside(received, late),
    }
  })
  const sum = (of: (difference: (typeof differences)[number]) => number): number =>
    differences.reduce((total, difference) => total + of(difference), 0)
  return {
    due: due.reduce((total, numbers) => total + numbers.length, 0),
    missing: sum((d) => d.missing),
    underWrongRole: sum((d) => d.underWrongRole),
    outOfOrder: sum((d) => d.outOfOrder),
    foundIfLate: sum((d) => d.foundIfLate),
    socketsLost: sockets.filter(({ session }) => session.closedAt() !== undefined).length,
  }
}

const countOutside = (members: ReadonlySet<number>, others: ReadonlySet<number>): number =>
  [...members].filter((member) => !others.has(member)).length

const toFinding = (raw: Changes & Verdict, sockets: number): Finding => ({
  figure:
    'Random interleavings of role changes and stock changes, `INVENTORY_UPDATE_ROLES=pharmacist`',
  goal: '10,000: 0 events under the wrong role, 0 missing',
  measured:
    `${grouped(raw.roleChanges)} interleavings (${grouped(raw.stockChanges)} stock changes, ` +
    `${grouped(raw.inOneTransaction)} times in one transaction with the role), ${String(sockets)} sockets on 3 nodes, ` +
    `${grouped(raw.due)} events due: ${String(raw.underWrongRole)} under the wrong role, ${String(raw.missing)} missing, ` +
    `${String(raw.outOfOrder)} repeated or out of order, ${String(raw.socketsLost)} sockets lost ` +
    `(were each role change 2 numbers late, the same comparison would find ${grouped(raw.foundIfLate)} events wrong)`,
  met:
    raw.underWrongRole + raw.missing + raw.outOfOrder + raw.socketsLost === 0 &&
    raw.foundIfLate > 0,
})
