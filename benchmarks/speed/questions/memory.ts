import { setTimeout as delay } from 'node:timers/promises'
import { residentBytes } from '../../../e2e/rig/machine.js'
import type { SpeedFigure } from '../figure.js'
import { goalOf } from '../goal.js'
import { collect, ratioOf } from '../samples.js'
import { fleetOf, greetingsOf } from '../subjects/subject.js'

/** Clients that have come and gone before, so that what a server makes once is not counted. */
const BEFORE = 300
const SETTLES_MS = 3_000

/** Memory that an idle client holds: resident memory of the server with them, less that without them. */
export const memory: SpeedFigure = {
  name: 'memory',
  run: async ({ world, start, pick }) => {
    const sizes = pick([4_000, 10_000], [1_500])
    const figures = sizes.map((size) =>
      collect(
        `resident memory per idle client, ${size.toLocaleString('en-US')} of them`,
        'kB',
        'less',
      ),
    )
    for (const name of pick(
      ['socket.io', 'uzima', 'ws', 'centrifugo'] as const,
      ['socket.io', 'uzima'] as const,
    )) {
      // Alone and new: memory that somebody before has left free would be used again.
      await using started = await start([name])
      for (const running of started.all) {
        const fleet = fleetOf(running)
        const greetings = greetingsOf(world, running)
        await fleet.open(BEFORE, 50, greetings)
        await fleet.close()
        await delay(SETTLES_MS)
        const empty = residentBytes(running.pid)
        for (const [index, size] of sizes.entries()) {
          await fleet.open(size - fleet.size(), 50, greetings)
          await delay(SETTLES_MS)
          if (fleet.count('in') !== size) throw new Error(`${name} did not keep all.`)
          figures[index]?.add(name, (residentBytes(running.pid) - empty) / size / 1_000)
        }
        await fleet.close()
      }
    }
    const comparisons = figures.map((figure) => figure.comparison())
    return {
      comparisons,
      findings: comparisons.map((comparison) =>
        goalOf(
          `${comparison.what}, against bare Socket.IO`,
          { atMost: 0.8 },
          ratioOf(comparison, 'uzima', 'socket.io'),
        ),
      ),
      raw: { sizes },
    }
  },
}
