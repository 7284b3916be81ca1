import type { Dump } from '../dump.js'
import type { History } from '../history.js'
import { checkAlerts } from './alerts.js'
import { checkAudit } from './audit.js'
import { checkDelivery } from './delivery.js'
import { factsOf, type Facts } from './facts.js'
import { checkClosing } from './closing.js'
import { checkConvergence, checkExits, checkLiveness, checkResume } from './liveness.js'
import { checkLog } from './log.js'
import { checkRecovery } from './recovery.js'
import { checkRevocation } from './revocation.js'
import { checkGhosts, checkSecrets } from './secrecy.js'
import { checkStock } from './stock.js'
import { checkAnswers, checkLogIns, checkUnconfirmed } from './surroundings.js'
import { INVARIANTS, type Violation } from './violation.js'
import { checkWrites } from './writes.js'

export interface Verdict {
  /** Breaches of each invariant; every count must be 0. */
  readonly counts: Readonly<Record<string, number>>
  readonly violations: readonly Violation[]
  readonly facts: Facts
}

interface Check {
  /** What it may find broken. */
  readonly finds: readonly string[]
  readonly run: (facts: Facts) => Violation[]
}

const CHECKS: readonly Check[] = [
  { finds: ['I1', 'I2', 'I3', 'I4'], run: checkDelivery },
  { finds: ['I5'], run: checkLog },
  { finds: ['I6', 'I9'], run: checkWrites },
  { finds: ['I7', 'I8'], run: checkStock },
  { finds: ['I10'], run: checkAlerts },
  { finds: ['I11'], run: checkRevocation },
  { finds: ['I12'], run: checkGhosts },
  { finds: ['I13'], run: checkAudit },
  { finds: ['I14'], run: checkSecrets },
  { finds: ['I15'], run: checkLiveness },
  { finds: ['I16'], run: checkExits },
  { finds: ['I17'], run: checkResume },
  { finds: ['I18'], run: checkConvergence },
  { finds: ['I19'], run: checkClosing },
  { finds: ['I20'], run: checkRecovery },
  { finds: ['I21'], run: checkUnconfirmed },
  { finds: ['I22'], run: checkLogIns },
  { finds: ['I23'], run: checkAnswers },
]

/** Decides every invariant, or the one that is named, on a history and the database that it left behind. */
export const check = (history: History, dump: Dump, only?: string): Verdict => {
  const facts = factsOf(history, dump)
  const checks = CHECKS.filter(({ finds }) => only === undefined || finds.includes(only))
  const violations = checks.flatMap((one) => one.run(facts))
  const counts = Object.fromEntries(Object.keys(INVARIANTS).map((id) => [id, 0]))
  for (const { invariant } of violations) counts[invariant] = (counts[invariant] ?? 0) + 1
  return { counts, violations, facts }
}
