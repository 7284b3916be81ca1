import type { Figure, FigureContext, FigureResult } from '../frame/figure.js'
import type { Rig } from '../frame/rig.js'
import type { Condition } from './condition.js'
import { drive, type Driven } from './drive.js'
import { coresOf, currentLoad, type Load } from './load.js'
import { monotonicMs } from './moments.js'
import { outcomeOf, type Measured } from './outcome.js'
import type { Probes } from './probes.js'
import { readProofs } from './proof.js'
import { toFindings } from './findings.js'
import { stagesOf } from './stages.js'

export interface RevocationContext extends FigureContext {
  readonly rig: Rig
  readonly probes: Probes
}

/** What is ended and changed in a second, and how many users are connected, each to all nodes. */
export const RATES = { revocationsPerSecond: 12, changesPerSecond: 50, present: 60 } as const

/** Ends rights under the condition, and follows each to its last socket. */
export const revocationUnder = (
  condition: Condition,
  keep: (measured: Measured) => void,
): Figure<RevocationContext> => ({
  name: condition.name,
  run: async (context): Promise<FigureResult> => {
    const { rig, probes, random, sized } = context
    const [before, startedAt] = [currentLoad(rig), monotonicMs()]
    let end = condition.isMidway ? undefined : await condition.begin(rig)
    let driven: Driven
    let cores: Load
    try {
      driven = await drive(rig, random, {
        ...RATES,
        revocations: sized(condition.revocations, 20),
        midway: async () => {
          end ??= await condition.begin(rig)
        },
      })
      cores = coresOf(before, currentLoad(rig), (monotonicMs() - startedAt) / 1_000)
    } finally {
      await end?.()
    }
    const [proofs, nodes] = [await readProofs(rig), await probes.read(rig)]
    const outcomes = driven.revoked.map((revoked) => {
      const proof = proofs.get(revoked.userId)
      if (proof === undefined) throw new Error('A revocation has no proof.')
      return outcomeOf(revoked, proof, stagesOf(revoked, proof.seq, nodes))
    })
    const { seconds, changes } = driven
    const measured = { told: condition.told, seconds, changes, cores, outcomes }
    keep(measured)
    return { findings: toFindings(measured), raw: measured }
  },
})
