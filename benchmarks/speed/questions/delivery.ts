import { setTimeout as delay } from 'node:timers/promises'
import type { SpeedFigure } from '../figure.js'
import { goalOf } from '../goal.js'
import { collect, costOf, ratioOf } from '../samples.js'
import type { Fleet } from '../load/fleet.js'
import { fleetOf, greetingsOf, type Running } from '../subjects/subject.js'

const EVERY_MS = 50
const BURST = 200

/** What it costs to bring an event to one client: one event each 50 ms, and 200 at once. */
export const delivery: SpeedFigure = {
  name: 'delivery',
  run: async ({ world, start, pick }) => {
    const [clients, rounds] = [pick(2_000, 1_000), pick(3, 2)]
    const [singles, bursts] = [pick(60, 20), 1]
    await using started = await start(
      pick(
        ['socket.io', 'uzima', 'ws', 'nestjs', 'socketcluster', 'centrifugo', 'tcp', 'write'],
        ['socket.io', 'uzima', 'ws', 'centrifugo', 'tcp'],
      ),
    )
    const people = `${clients.toLocaleString('en-US')} clients`
    const single = collect(`CPU per delivery, ${people}, 20 events/s`, 'µs', 'less')
    const burst = collect(`burst of ${String(BURST)} events to ${people}`, 'deliveries/s', 'more')
    const burstCpu = collect(`CPU per delivery in that burst`, 'µs', 'less')
    const load = collect("the clients' own CPU per delivery, 20 events/s", 'µs', 'less', true)
    const burstLoad = collect("the clients' own CPU in that burst", 'cores', 'less', true)
    const bytes = collect('bytes per delivery', 'B', 'less', true)

    const subjects: { readonly running: Running; readonly fleet: Fleet }[] = []
    for (const running of started.all) {
      const fleet = fleetOf(running)
      await fleet.open(clients, 50, greetingsOf(world, running))
      if (fleet.count('in') !== clients) throw new Error(`${running.name} did not let all in.`)
      subjects.push({ running, fleet })
    }
    /** Sends `count` events, `size` at a time, and waits until all have all. */
    const send = async (
      { running, fleet }: (typeof subjects)[number],
      times: number,
      size: number,
      pauseMs: number,
    ) => {
      const before = fleet.events()
      const cost = await costOf(running.pid, async () => {
        const from = performance.now()
        for (let time = 1; time <= times; time += 1) {
          await running.emit(size)
          // On a clock, not after a pause: a slow server must not be asked for less.
          await delay(Math.max(0, from + time * pauseMs - performance.now()))
        }
        await fleet.received(before + times * size * clients)
      })
      return { ...cost, deliveries: times * size * clients }
    }

    for (const subject of subjects) await send(subject, 20, 1, 0)
    for (let round = 0; round < rounds; round += 1) {
      for (const subject of subjects) {
        const { name } = subject.running
        const bytesBefore = subject.fleet.bytes()
        const one = await send(subject, singles, 1, EVERY_MS)
        single.add(name, (one.cpuSeconds * 1e6) / one.deliveries)
        load.add(name, (one.loadSeconds * 1e6) / one.deliveries)
        bytes.add(name, (subject.fleet.bytes() - bytesBefore) / one.deliveries)
        const many = await send(subject, bursts, BURST, 0)
        burst.add(name, many.deliveries / many.seconds)
        burstLoad.add(name, many.loadSeconds / many.seconds)
        burstCpu.add(name, (many.cpuSeconds * 1e6) / many.deliveries)
      }
    }
    for (const { fleet } of subjects) await fleet.close()

    const [one, many] = [single.comparison(), burst.comparison()]
    const goals = (
      [
        ['bare Socket.IO', 'socket.io', 0.55, 25],
        ['ws', 'ws', 0.65, undefined],
        ['Centrifugo', 'centrifugo', 0.5, 15],
      ] as const
    ).filter(([, name]) => name in one.samples)
    return {
      comparisons: [one, many, ...[burstCpu, burstLoad, load, bytes].map((of) => of.comparison())],
      findings: goals.flatMap(([title, name, atMost, atLeast]) => [
        goalOf(
          `CPU per delivery, one event at a time, against ${title}`,
          { atMost },
          ratioOf(one, 'uzima', name),
        ),
        ...(atLeast === undefined
          ? []
          : [goalOf(`burst, against ${title}`, { atLeast }, ratioOf(many, 'uzima', name), 1)]),
      ]),
      raw: { clients, rounds, singles },
    }
  },
}
