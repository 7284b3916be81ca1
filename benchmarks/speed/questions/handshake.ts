import { setTimeout as delay } from 'node:timers/promises'
import type { Finding } from '../../frame/figure.js'
import type { SpeedFigure } from '../figure.js'
import { goalOf } from '../goal.js'
import { collect, costOf, ratioOf } from '../samples.js'
import { fleetOf, greetingsOf } from '../subjects/subject.js'

const AT_ONCE = 200
/** What a server does after the answer, such as writing down who came. */
const AFTERWARDS_MS = 300

/** What it costs to let somebody in, warm, with 200 who come at once. */
export const handshake: SpeedFigure = {
  name: 'handshake',
  run: async ({ world, start, pick }) => {
    const [clients, rounds] = [pick(1_500, 500), pick(5, 2)]
    await using started = await start(
      pick(
        ['socket.io', 'uzima', 'seed', 'ws', 'nestjs', 'socketcluster', 'centrifugo'],
        ['socket.io', 'uzima', 'seed', 'centrifugo'],
      ),
    )
    const cpu = collect('CPU per handshake, warm', 'ms', 'less')
    const fresh = collect('CPU per handshake, tokens that are new to the server', 'ms', 'less')
    const rate = collect(`handshakes/s, ${String(AT_ONCE)} at once`, '1/s', 'more')
    const closing = collect('CPU per close, initiated by the client', 'ms', 'less')
    const load = collect("the clients' own CPU per handshake", 'ms', 'less', true)

    const subjects = started.all.map((running) => ({
      running,
      fleet: fleetOf(running),
      known: greetingsOf(world, running),
    }))
    const admit = async (
      { running, fleet }: (typeof subjects)[number],
      greetings: readonly Buffer[],
    ) => {
      let answeredAt = 0
      const from = performance.now()
      const opening = await costOf(running.pid, async () => {
        await fleet.open(clients, AT_ONCE, greetings)
        answeredAt = performance.now()
        await delay(AFTERWARDS_MS)
      })
      if (fleet.count('in') !== clients) throw new Error(`${running.name} did not let all in.`)
      const leaving = await costOf(running.pid, async () => {
        await fleet.close()
        await delay(AFTERWARDS_MS)
      })
      return { opening, leaving, rate: (clients * 1_000) / (answeredAt - from) }
    }

    for (const subject of subjects) {
      for (let round = 0; round < 2; round += 1) await admit(subject, subject.known)
    }
    for (let round = 0; round < rounds; round += 1) {
      for (const subject of subjects) {
        const { running } = subject
        const met = await admit(subject, subject.known)
        cpu.add(running.name, (met.opening.cpuSeconds * 1_000) / clients)
        load.add(running.name, (met.opening.loadSeconds * 1_000) / clients)
        closing.add(running.name, (met.leaving.cpuSeconds * 1_000) / clients)
        rate.add(running.name, met.rate)
        if (running.name !== 'uzima') continue
        const first = await admit(subject, greetingsOf(world, running))
        fresh.add(running.name, (first.opening.cpuSeconds * 1_000) / clients)
      }
    }
    const comparisons = [cpu, fresh, rate, closing, load].map((one) => one.comparison())
    const findings: Finding[] = [
      goalOf(
        'CPU per authenticated handshake, against bare Socket.IO without auth',
        { atMost: 1 },
        ratioOf(cpu.comparison(), 'uzima', 'socket.io'),
      ),
      goalOf(
        "handshakes/s, warm, against the seed's design",
        { atLeast: 2.5 },
        ratioOf(rate.comparison(), 'uzima', 'seed'),
      ),
    ]
    return { findings, comparisons, raw: { clients, rounds } }
  },
}
