import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { simulate, type StageCosts, type Topology } from '../../benchmarks/growth/model/simulate.js'
import { createRandom } from '../../e2e/rig/random.js'
import { quantile } from '../../e2e/rig/statistics.js'

const ms = fc.double({ min: 0, max: 2, noNaN: true })
const anyCosts = fc.record({
  statement: ms,
  commit: ms,
  sync: fc.array(ms, { minLength: 1, maxLength: 1 }),
  writer: ms,
  wire: ms,
  read: ms,
  nodeRead: ms,
  deliver: ms,
  receive: ms,
})
const COSTS: StageCosts = {
  statement: 0.5,
  commit: 0.5,
  sync: [1],
  writer: 0.2,
  wire: 0.3,
  read: 0.3,
  nodeRead: 0.5,
  deliver: 0.01,
  receive: 0.01,
}

const play = (
  costs: StageCosts,
  perSecond: number,
  {
    nodes = 1,
    clients = 1,
    count = 50,
    postgres = 4,
  }: { nodes?: number; clients?: number; count?: number; postgres?: Topology['postgres'] } = {},
) =>
  simulate(
    costs,
    { nodes, clientsPerNode: clients, postgres },
    { perSecond, count, arrivals: 'clock' },
    createRandom(1),
  )

describe('the simulation', () => {
  it('takes the sum of the stages where nothing waits for anything', () => {
    fc.assert(
      fc.property(anyCosts, (costs) => {
        const { commit, sync, wire, read, nodeRead, deliver, receive } = costs
        const sum = commit + (sync[0] ?? 0) + wire + read + nodeRead + deliver + receive
        const times = play(costs, 1)
        expect(times).toHaveLength(50)
        for (const time of times) expect(time).toBeCloseTo(sum)
      }),
    )
  })

  it('brings every change to every client of every node, at any load', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 1, max: 5_000 }),
        fc.constantFrom<number | 'shared'>(1, 8, 'shared'),
        (nodes, clients, perSecond, postgres) => {
          const times = play(COSTS, perSecond, { nodes, clients, postgres })
          expect(times).toHaveLength(50 * nodes * clients)
          expect(Math.min(...times)).toBeGreaterThan(COSTS.commit + 1)
        },
      ),
    )
  })

  it('is later under more load, and has a knee where commits wait for the disk one after the other', () => {
    const p99 = (perSecond: number): number =>
      quantile(play(COSTS, perSecond, { count: 2_000, clients: 10 }), 0.99)
    expect(p99(500)).toBeGreaterThan(p99(10) - 0.001)
    // One commit a millisecond is what a disk of 1 ms takes.
    expect(p99(2_000)).toBeGreaterThan(20 * p99(500))
  })

  it('makes each node wait for the others where they share a processor', () => {
    const at = (postgres: number | 'shared'): number =>
      quantile(play(COSTS, 5, { nodes: 3, clients: 100, postgres }), 0.99)
    expect(at('shared')).toBeGreaterThan(at(4))
  })
})
