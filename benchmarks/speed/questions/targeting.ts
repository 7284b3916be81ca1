import { addUsers } from '../../../e2e/rig/users.js'
import type { SpeedFigure } from '../figure.js'
import { encodePost, openRequester } from '../load/requester.js'
import { goalOf } from '../goal.js'
import { collect, costOf, ratioOf } from '../samples.js'
import { fleetOf, greetingsOf } from '../subjects/subject.js'
import { startUzima } from '../subjects/uzima.js'

/** Ten times the sockets; the cost of a message may grow by a half of itself. */
const TIMES = 10
const AT_MOST = 1.5

/** What it costs to tell one user or one role something, among few sockets and among many. */
export const targeting: SpeedFigure = {
  name: 'targeting',
  run: async ({ world, pick }) => {
    const [few, sends, rounds] = [pick(1_000, 200), pick(400, 200), pick(3, 2)]
    const many = few * TIMES
    const group = few / 10
    await using uzima = await startUzima(world)
    const { database, dialect, port } = uzima
    const [admin = ''] = await addUsers(database, 1, 'admin')
    const [single = ''] = await addUsers(database, 1, 'patient')
    const [popular = ''] = await addUsers(database, 1, 'patient')
    const [educator = ''] = await addUsers(database, 1, 'educator')
    const [manager = ''] = await addUsers(database, 1, 'inventory_manager')
    const fleet = fleetOf(uzima)
    const connect = async (userId: string, count: number): Promise<void> => {
      await fleet.open(count, 50, [dialect.greetingFor(world.tokenFor(userId))])
    }
    for (const [userId, count] of [
      [single, 1],
      [popular, group],
      [educator, 1],
      [manager, group],
    ] as const) {
      await connect(userId, count)
    }
    const targets = [
      { what: 'sendToUser', to: { userId: single }, receivers: 1 },
      { what: 'sendToUser', to: { userId: popular }, receivers: group },
      { what: 'sendToRole', to: { role: 'educator' }, receivers: 1 },
      { what: 'sendToRole', to: { role: 'inventory_manager' }, receivers: group },
    ].map(({ what, to, receivers }) => ({
      receivers,
      request: encodePost('/api/messages', world.tokenFor(admin), {
        to,
        event: 'inventory:update',
        data: { item: 'medicine-x', quantity: 100 },
      }),
      figure: collect(`CPU per \`${what}\` that ${String(receivers)} receive`, 'ms', 'less'),
    }))
    const requester = openRequester(port)
    const sizes = [few, many]
    for (const size of sizes) {
      await fleet.open(size - fleet.size(), 50, greetingsOf(world, uzima))
      if (fleet.count('in') !== size) throw new Error('Not all were let in.')
      for (let round = 0; round <= rounds; round += 1) {
        for (const { request, figure, receivers } of targets) {
          const before = fleet.events()
          const cost = await costOf(uzima.pid, async () => {
            for (let sent = 0; sent < sends; sent += 1) {
              const status = await requester.send(request)
              if (status !== 202) throw new Error(`A message was answered with ${String(status)}.`)
            }
            await fleet.received(before + sends * receivers)
          })
          // Round 0 warms up.
          if (round > 0) figure.add(keyOf(size), (cost.cpuSeconds * 1_000) / sends)
        }
      }
    }
    requester.close()
    await fleet.close()
    const comparisons = targets.map(({ figure }) => figure.comparison())
    return {
      comparisons,
      findings: comparisons.map((comparison) =>
        goalOf(
          `${comparison.what}, among ${keyOf(many)} against among ${keyOf(few)}`,
          { atMost: AT_MOST },
          ratioOf(comparison, keyOf(many), keyOf(few)),
        ),
      ),
      raw: { few, many, sends, rounds },
    }
  },
}

const keyOf = (sockets: number): string => `${sockets.toLocaleString('en-US')} sockets`
