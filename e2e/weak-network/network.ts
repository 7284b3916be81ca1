import { setTimeout as delay } from 'node:timers/promises'
import type { Proxy } from '../rig/proxy.js'
import type { Mode } from '../rig/proxy-flow.js'
import type { Random } from '../rig/random.js'

/** Half of the time it works, as weak Wi-Fi does. */
const nextMode = (random: Random): Mode =>
  random.pick<() => Mode>([
    () => ({ kind: 'pass' }),
    () => ({ kind: 'pass' }),
    () => ({ kind: 'pass' }),
    () => ({ kind: 'delay', ms: 300, jitterMs: 200 }),
    () => ({ kind: 'rate', bytesPerSecond: 20_000 }),
    () => ({ kind: 'blackhole' }),
    () => ({ kind: 'refuse' }),
    () => ({ kind: 'stop-after', bytes: random.int(1, 20_000) }),
  ])()

/** Has the network fail at random until `endsAt`; then it is well. Resolves to how often it changed, by what it did. */
export const spoil = async (
  proxy: Proxy,
  random: Random,
  endsAt: number,
): Promise<Readonly<Record<string, number>>> => {
  const times: Record<string, number> = {}
  const count = (what: string): void => {
    times[what] = (times[what] ?? 0) + 1
  }
  while (Date.now() < endsAt) {
    const mode = nextMode(random)
    count(mode.kind)
    proxy.setMode(mode)
    await delay(Math.min(random.int(1_000, 15_000), Math.max(0, endsAt - Date.now())))
    if (random.chance(0.3)) {
      count('cut')
      proxy.cut(0.5, random.pick(['rst', 'fin']))
    }
  }
  proxy.setMode({ kind: 'pass' })
  return times
}
