import { setTimeout as delay } from 'node:timers/promises'
import type { SpeedFigure } from '../figure.js'
import { goalOf } from '../goal.js'
import { collect, costOf, ratioOf } from '../samples.js'
import { fleetOf, greetingsOf, type Running } from '../subjects/subject.js'
import type { World } from '../world.js'

const AT_ONCE = 200
const AFTERWARDS_MS = 300
const KINDS = ['expired', 'forged'] as const
type Kind = (typeof KINDS)[number]

/** What it costs to turn somebody away, connecting and closing included, beside a handshake of bare Socket.IO. */
export const refusal: SpeedFigure = {
  name: 'refusal',
  run: async ({ world, start, pick }) => {
    const [attempts, rounds] = [pick(1_000, 400), pick(5, 2)]
    await using started = await start(
      pick(['socket.io', 'uzima', 'seed', 'nestjs', 'centrifugo'], ['socket.io', 'uzima', 'seed']),
    )
    const figures = {
      expired: collect('CPU per refusal, expired token', 'ms', 'less'),
      forged: collect('CPU per refusal, forged token', 'ms', 'less'),
    }
    const floor = collect('CPU per handshake and close of who is let in', 'ms', 'less')

    const cpuPer = async (running: Running, greetings: readonly Buffer[], isIn: boolean) => {
      const fleet = fleetOf(running)
      let admitted = 0
      const cost = await costOf(running.pid, async () => {
        await fleet.open(attempts, AT_ONCE, greetings)
        admitted = fleet.count('in')
        // Whoever was refused ends the connection, as a stock client does.
        await fleet.close()
        await delay(AFTERWARDS_MS)
      })
      if (admitted !== (isIn ? attempts : 0))
        throw new Error(`${running.name} let ${String(admitted)} of ${String(attempts)} in.`)
      return (cost.cpuSeconds * 1_000) / attempts
    }
    // Round 0 warms up.
    for (let round = 0; round <= rounds; round += 1) {
      for (const running of started.all) {
        if (running.name === 'socket.io') {
          const cost = await cpuPer(running, greetingsOf(world, running), true)
          if (round > 0) floor.add(running.name, cost)
          continue
        }
        for (const kind of KINDS) {
          const cost = await cpuPer(running, badGreetings(world, running, kind, attempts), false)
          if (round > 0) figures[kind].add(running.name, cost)
        }
      }
    }
    const forged = figures.forged.comparison()
    return {
      comparisons: [forged, figures.expired.comparison(), floor.comparison()],
      findings: [
        goalOf(
          'a forged token: CPU per refusal against a successful bare handshake, both with their end',
          { atMost: 0.5 },
          ratioOf(forged, 'uzima', floor.comparison(), 'socket.io'),
        ),
      ],
      raw: { attempts, rounds },
    }
  },
}

/** Tokens that are good but for one thing; no two are alike, or the server could remember them. */
export const badGreetings = (
  world: World,
  { dialect, userIds }: Pick<Running, 'dialect' | 'userIds'>,
  kind: Kind,
  count: number,
): Buffer[] =>
  Array.from({ length: count }, (_, index) => {
    const issuedAt = Date.now() - 3_600_000 - index
    const lifetimeMs = kind === 'expired' ? 60_000 : 7_200_000
    const token = world.tokenFor(userIds[index % userIds.length] ?? '', { issuedAt, lifetimeMs })
    return dialect.greetingFor(kind === 'forged' ? forge(token) : token)
  })

/** Another first letter of the signature. */
const forge = (token: string): string => {
  const at = token.lastIndexOf('.') + 1
  return `${token.slice(0, at)}${token[at] === 'A' ? 'B' : 'A'}${token.slice(at + 1)}`
}
