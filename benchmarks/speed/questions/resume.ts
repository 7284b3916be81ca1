import type { SpeedFigure } from '../figure.js'
import { goalOf } from '../goal.js'
import { DIALECTS, textFrame } from '../load/dialect.js'
import { collect, ratioOf } from '../samples.js'
import { startNodePeer } from '../subjects/node-peer.js'
import { fleetOf, greetingsOf } from '../subjects/subject.js'
import { startUzima } from '../subjects/uzima.js'

const MISSED = 1_000
const BURST = 200
const AT_ONCE = 200

/** How fast clients that were away are given what they missed, admission included, beside a broadcast of bare Socket.IO. */
export const resume: SpeedFigure = {
  name: 'resume',
  run: async ({ world, pick }) => {
    const [clients, rounds] = [pick(1_000, 300), pick(3, 1)]
    const rate = collect(
      `events/s: ${clients.toLocaleString('en-US')} clients resume with ${MISSED.toLocaleString('en-US')} missed each; Socket.IO broadcasts ${String(BURST)}`,
      '1/s',
      'more',
    )
    await using uzima = await startUzima(world)
    await using stock = await startNodePeer(world, 'socket.io', DIALECTS.socketIo)
    const [position] = await uzima.database.query<{ epoch: string; seq: number }>(
      `select epoch, seq::float8 as seq from log_head`,
    )
    for (let made = 0; made < MISSED; made += BURST) await uzima.emit(BURST)
    const greetings = uzima.userIds.map((userId) =>
      textFrame(`40${JSON.stringify({ token: world.tokenFor(userId), position })}`),
    )
    const away = fleetOf(uzima)
    const present = fleetOf(stock)
    await present.open(clients, 50, greetingsOf(world, stock))
    // Round 0 warms up.
    for (let round = 0; round <= rounds; round += 1) {
      const from = performance.now()
      await away.open(clients, AT_ONCE, greetings)
      await away.received(clients * MISSED)
      const resumed = (clients * MISSED * 1_000) / (performance.now() - from)
      await away.close()
      const before = present.events()
      const emitFrom = performance.now()
      await stock.emit(BURST)
      await present.received(before + clients * BURST)
      const broadcast = (clients * BURST * 1_000) / (performance.now() - emitFrom)
      if (round === 0) continue
      rate.add(uzima.name, resumed)
      rate.add(stock.name, broadcast)
    }
    await present.close()
    const comparison = rate.comparison()
    return {
      comparisons: [comparison],
      findings: [
        goalOf(
          `resume of ${clients.toLocaleString('en-US')} clients with ${MISSED.toLocaleString('en-US')} missed events each, against the broadcast of bare Socket.IO`,
          { atLeast: 10 },
          ratioOf(comparison, uzima.name, stock.name),
          1,
        ),
      ],
      raw: { clients, rounds },
    }
  },
}
