import type { SpeedFigure } from '../figure.js'
import { collect, costOf, median } from '../samples.js'
import { fleetOf, greetingsOf } from '../subjects/subject.js'
import { startUzima } from '../subjects/uzima.js'

const SCREENS = 100
const GOAL_SECONDS = 1

/** How long a yearly count takes: one `UPDATE` of thousands of lots, until all of it is on all screens. */
export const bulkUpdate: SpeedFigure = {
  name: 'bulk-update',
  run: async ({ world, pick }) => {
    const [lots, rounds] = [pick(5_000, 1_000), pick(3, 1)]
    const what = `\`UPDATE\` of ${lots.toLocaleString('en-US')} lots in one statement`
    const heard = collect(`${what}, on ${String(SCREENS)} screens`, 's', 'less')
    const committed = collect(`${what}, committed`, 's', 'less')
    const server = collect(`${what}, CPU of the server`, 's', 'less')

    await using uzima = await startUzima(world)
    const { database, name } = uzima
    await database.query(
      `insert into inventory_items (sku, name) select 'count-' || n, 'Item' from generate_series(1, $1::integer) n`,
      [lots],
    )
    await database.query(
      `insert into inventory_lots (sku, lot_number, quantity, expiry_date)
       select 'count-' || n, 'L', 1000, current_date + 700 from generate_series(1, $1::integer) n`,
      [lots],
    )
    const fleet = fleetOf(uzima)
    await fleet.open(SCREENS, 50, greetingsOf(world, uzima))
    for (let round = 1; round <= rounds; round += 1) {
      const before = fleet.events()
      const from = performance.now()
      const cost = await costOf(uzima.pid, async () => {
        await database.query(
          `update inventory_lots set quantity = quantity - 1 where sku like 'count-%'`,
        )
        committed.add(name, (performance.now() - from) / 1_000)
        await fleet.received(before + lots * SCREENS)
      })
      heard.add(name, cost.seconds)
      server.add(name, cost.cpuSeconds)
    }
    await fleet.close()
    const comparisons = [heard, committed, server].map((one) => one.comparison())
    const seconds = median(comparisons[0]?.samples[name] ?? [])
    return {
      comparisons,
      findings: [
        {
          figure: `${what}, all on ${String(SCREENS)} screens`,
          goal: `< ${String(GOAL_SECONDS)} s`,
          measured: `${seconds.toFixed(2)} s`,
          met: seconds < GOAL_SECONDS,
        },
      ],
      raw: { lots, rounds },
    }
  },
}
