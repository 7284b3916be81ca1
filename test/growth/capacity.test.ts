import fc from 'fast-check'
import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { ASSUMPTIONS, readAssumptions } from '../../benchmarks/growth/model/assumptions.js'
import {
  capacityOf,
  demandOf,
  type CapacityCosts,
  type Logs,
} from '../../benchmarks/growth/model/capacity.js'

const COSTS: CapacityCosts = {
  commitSeconds: 1.5e-3,
  readSeconds: 3e-4,
  headSeconds: 2e-3,
  entrySeconds: 5e-4,
  deliverySeconds: 1.1e-5,
  idleClientSeconds: 1e-6,
  idleNodeSeconds: 1e-2,
  idlePostgresSeconds: 5e-3,
  clientBytes: 13_000,
  nodeBytes: 150e6,
  userBytes: 450,
  deliveryBytes: 354,
  digestSecondsPerItem: 2e-6,
  snapshotBytesPerItem: 500,
  connectionsPerNode: 5,
}

describe('the calculation', () => {
  it('reads what is taken for granted from the document that an operator changes', async () => {
    const document = await readFile('docs/scaling.md', 'utf8')
    expect(Object.keys(readAssumptions(document))).toEqual([...ASSUMPTIONS])
    const changed = document.replace(/`clinics`\s*\|\s*[\d,]+/, '`clinics` | 12,345')
    expect(readAssumptions(changed).clinics).toBe(12_345)
    expect(() => readAssumptions(document.replace('`clinics`', 'clinics'))).toThrow('clinics')
  })

  it('finds the number of clinics up to which nothing is used more than is allowed', async () => {
    const assumptions = readAssumptions(await readFile('docs/scaling.md', 'utf8'))
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 50 }),
        fc.constantFrom<Logs>('one', 'rooms', 'each'),
        (nodes, logs) => {
          const { clinics, first } = capacityOf(assumptions, COSTS, nodes, logs)
          const at = (count: number) =>
            demandOf(assumptions, COSTS, { clinics: count, nodes, logs }).shares
          expect(Math.max(...Object.values(at(clinics)))).toBeLessThanOrEqual(assumptions.busyShare)
          expect(at(clinics + 1)[first]).toBeGreaterThan(assumptions.busyShare)
        },
      ),
    )
  })

  it('sends everything to everybody with one log, and to a clinic what is its own with a log each', async () => {
    const assumptions = readAssumptions(await readFile('docs/scaling.md', 'utf8'))
    const deliveries = (logs: Logs): number =>
      demandOf(assumptions, COSTS, { clinics: 100, nodes: 2, logs }).deliveriesPerSecond
    expect(deliveries('one') / deliveries('each')).toBeCloseTo(100)
  })
})
