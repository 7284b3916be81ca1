import { setTimeout as delay } from 'node:timers/promises'
import { residentBytes } from '../../../e2e/rig/machine.js'
import { fleetOf, greetingsOf } from '../../speed/subjects/subject.js'
import { startUzima } from '../../speed/subjects/uzima.js'
import { fullCostOf } from '../cost.js'
import { expectAllIn } from '../drive.js'
import { grow, type GrowthFigure } from '../growth.js'

const AT_ONCE = 100
/** Those that come and go before, so that what a server makes once is not counted. */
const BEFORE = 2_000
const AFTERWARDS_MS = 300
const SETTLES_MS = 2_000

/** What one node takes for its clients: to let them in, to keep them, and to bring all of them one event. */
export const clients: GrowthFigure = {
  name: 'clients',
  run: async ({ world, pick }) => {
    const sizes = pick([100, 300, 1_000, 3_000, 10_000], [100, 300, 1_000])
    const [deliveries, idleMs] = [pick(40_000, 4_000), pick(8_000, 2_000)]
    const handshake = grow(
      'handshakeMs',
      'CPU of the node per handshake, others there',
      'ms',
      'clients',
      'line',
    )
    const memory = grow(
      'memoryKb',
      'resident memory of the node above an empty one',
      'kB',
      'clients',
      'line',
    )
    const idle = grow(
      'idleMs',
      'CPU of the node a second, nothing to tell',
      'ms',
      'clients',
      'line',
    )
    const cpu = grow('eventMs', 'CPU of the node per event', 'ms', 'clients', 'line')
    const all = grow(
      'allMs',
      'from the order until the last client has it',
      'ms',
      'clients',
      'line',
    )
    const load = grow('loadMs', "the clients' own CPU per event", 'ms', 'clients', 'line')
    const bytes = grow('bytes', 'bytes per delivery', 'B', 'clients', 'line')

    await using uzima = await startUzima(world)
    const fleet = fleetOf(uzima)
    const greetings = greetingsOf(world, uzima)
    const costOf = (work: () => Promise<unknown>) => fullCostOf(uzima.pid, world.postgresPid, work)
    await fleet.open(BEFORE, AT_ONCE, greetings)
    await uzima.emit(100)
    await fleet.received(100 * BEFORE)
    await fleet.close()
    await delay(SETTLES_MS)
    const empty = residentBytes(uzima.pid)
    for (const size of sizes) {
      const added = size - fleet.size()
      const opening = await costOf(async () => {
        await fleet.open(added, AT_ONCE, greetings)
        await delay(AFTERWARDS_MS)
      })
      await expectAllIn(fleet)
      handshake.add(size, (opening.cpuSeconds * 1_000) / added)
      await delay(SETTLES_MS)
      memory.add(size, (residentBytes(uzima.pid) - empty) / 1_000)
      const quiet = await costOf(() => delay(idleMs))
      idle.add(size, (quiet.cpuSeconds * 1_000) / quiet.seconds)
      // Enough of them for a clock of 10 ms.
      const events = Math.min(200, Math.max(20, Math.round(deliveries / size)))
      const bytesBefore = fleet.bytes()
      const sending = await costOf(async () => {
        for (let event = 0; event < events; event += 1) {
          const wanted = fleet.events() + size
          const from = performance.now()
          await uzima.emit(1)
          await fleet.received(wanted)
          all.add(size, performance.now() - from)
        }
      })
      cpu.add(size, (sending.cpuSeconds * 1_000) / events)
      load.add(size, (sending.loadSeconds * 1_000) / events)
      bytes.add(size, (fleet.bytes() - bytesBefore) / events / size)
    }
    await fleet.close()
    const growths = [handshake, memory, idle, cpu, all, load, bytes].map((one) => one.growth())
    return { growths, findings: [], raw: { sizes, deliveries, idleMs } }
  },
}
