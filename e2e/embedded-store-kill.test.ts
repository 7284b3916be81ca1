import { expect, it } from 'vitest'
import { times } from '../test/support/long.js'
import { killEmbeddedStore } from './embedded-kills.js'

const KILLS = times(3, 20)

it('keeps every acknowledged write over kills while it writes', { timeout: 600_000 }, async () => {
  const { acknowledged, openMs, ...found } = await killEmbeddedStore(KILLS)

  expect(found).toEqual({ kills: KILLS, lost: [], unasked: [], problems: [] })
  expect(openMs).toHaveLength(KILLS)
  expect(acknowledged).toBeGreaterThan(4 * KILLS)
})
