import { expect, it } from 'vitest'
import { runPowerCuts, type Outcome } from './run.js'

const bad = (outcomes: readonly Outcome[]): Outcome[] =>
  outcomes.filter(({ lost, problems }) => lost.length + problems.length > 0)

it('keeps what was acknowledged through a power cut at any moment, and opens again', async () => {
  const outcomes = await runPowerCuts({ seed: Date.now(), moments: 3, commits: 50 })
  expect(bad(outcomes)).toEqual([])
  expect(outcomes).toHaveLength(6)
})

it('would be told of a store that does not wait for the disk', async () => {
  const outcomes = await runPowerCuts({ seed: 1, moments: 2, commits: 30, withoutSyncs: true })
  expect(bad(outcomes)).not.toEqual([])
  expect(outcomes.flatMap(({ lost }) => lost)).not.toEqual([])
})
