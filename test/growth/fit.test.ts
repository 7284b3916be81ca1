import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { exponentOf, fit } from '../../benchmarks/growth/fit.js'
import { createRandom } from '../../e2e/rig/random.js'

const SIZES = [100, 300, 1_000, 3_000, 10_000]
const positive = fc.double({ min: 0.01, max: 1_000, noNaN: true })

/** Points of a law, each off by a share of at most `noise`, five at each size. */
const noisy = (of: (x: number) => number, noise: number, seed: number) => {
  const random = createRandom(seed)
  return SIZES.flatMap((x) =>
    Array.from({ length: 5 }, () => ({ x, y: of(x) * (1 + noise * (2 * random.next() - 1)) })),
  )
}

describe('a fit', () => {
  it('finds a line under noise, at the bottom and at the top of three decades', () => {
    fc.assert(
      fc.property(positive, positive, fc.integer(), (a, b, seed) => {
        const found = fit(
          'line',
          noisy((x) => a + b * x, 0.05, seed),
        )
        for (const x of SIZES) expect(Math.abs(found.at(x) / (a + b * x) - 1)).toBeLessThan(0.06)
        expect(found.r2).toBeLessThanOrEqual(1)
      }),
    )
  })

  it('finds a power under noise', () => {
    fc.assert(
      fc.property(
        positive,
        fc.double({ min: -2, max: 2, noNaN: true }),
        fc.integer(),
        (a, b, seed) => {
          const found = fit(
            'power',
            noisy((x) => a * x ** b, 0.05, seed),
          )
          expect(Math.abs(found.b - b)).toBeLessThan(0.05)
          for (const x of SIZES) expect(Math.abs(found.at(x) / (a * x ** b) - 1)).toBeLessThan(0.06)
        },
      ),
    )
  })

  it('explains all of what has no noise, and tells what it is off by where it is the wrong law', () => {
    const square = SIZES.map((x) => ({ x, y: x ** 2 }))
    expect(fit('power', square).r2).toBeCloseTo(1)
    const line = fit('line', square)
    expect(line.r2).toBeLessThan(0.95)
    expect(Math.max(...line.residuals.map(Math.abs))).toBeGreaterThan(0.5)
  })

  it('tells growth in proportion from none at all', () => {
    expect(exponentOf(SIZES.map((x) => ({ x, y: 3 * x })))).toBeCloseTo(1)
    expect(exponentOf(SIZES.map((x) => ({ x, y: 3 })))).toBeCloseTo(0)
  })

  it('refuses one size, and a value that no share can be taken of', () => {
    expect(() => fit('line', [{ x: 1, y: 1 }])).toThrow(RangeError)
    expect(() =>
      fit('power', [
        { x: 1, y: 0 },
        { x: 2, y: 1 },
      ]),
    ).toThrow(RangeError)
  })
})
