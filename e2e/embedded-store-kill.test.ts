import { expect, it } from 'vitest'
import { killEmbeddedStore } from './embedded-kills.js'

const KILLS = Number(process.env['UZIMA_KILLS'] ?? '10')

it(
  `keeps every acknowledged write over ${KILLS.toString()} kills while it writes`,
  async () => {
    const { acknowledged, openMs, ...found } = await killEmbeddedStore(KILLS)

    expect(found).toEqual({ kills: KILLS, lost: [], unasked: [], problems: [] })
    expect(acknowledged).toBeGreaterThan(4 * KILLS)
    console.log(
      `${KILLS.toString()} kills, ${acknowledged.toString()} acknowledged writes, 0 lost; ` +
        `ready again after ${Math.round(Math.max(...openMs)).toString()} ms at most`,
    )
  },
  60_000 + KILLS * 15_000,
)
