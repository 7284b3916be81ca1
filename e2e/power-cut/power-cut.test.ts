import { expect, it } from 'vitest'
import { runPowerCuts, type Outcome } from './run.js'

// A few of the moments that `npm run test:power-cut` tries.
const TIMEOUT_MS = 180_000

const bad = (outcomes: readonly Outcome[]): Outcome[] =>
  outcomes.filter(({ lost, problems }) => lost.length + problems.length > 0)

it(
  'keeps what was acknowledged through a power cut at any moment, and opens again',
  async () => {
    const seed = Date.now()
    const outcomes = await runPowerCuts({ seed, moments: 2, commits: 40 })
    expect({ seed, bad: bad(outcomes) }).toEqual({ seed, bad: [] })
    expect(outcomes).toHaveLength(4)
  },
  TIMEOUT_MS,
)

it(
  'would be told of a store that does not wait for the disk',
  async () => {
    const outcomes = await runPowerCuts({ seed: 1, moments: 1, commits: 20, withoutSyncs: true })
    expect(bad(outcomes).flatMap(({ lost }) => lost)).not.toEqual([])
  },
  TIMEOUT_MS,
)
