import type { Dump } from '../dump.js'
import type { History } from '../history.js'
import { checkAlerts } from './alerts.js'
import { checkAudit } from './audit.js'
import { checkDelivery } from './delivery.js'
import { factsOf, type Facts } from './facts.js'
import { checkConvergence, checkExits, checkLiveness, checkResume } from './liveness.js'
import { checkLog } from './log.js'
import { checkRevocation } from './revocation.js'
import { checkGhosts, checkSecrets } from './secrecy.js'
import { checkStock } from './stock.js'
import { INVARIANTS, type Violation } from './violation.js'
import { checkWrites } from './writes.js'

export interface Verdict {
  /** Breaches of each invariant; every count must be 0. */
  readonly counts: Readonly<Record<string, number>>
  readonly violations: readonly Violation[]
  readonly facts: Facts
}

const CHECKS: readonly ((facts: Facts) => Violation[])[] = [
  checkDelivery,
  checkLog,
  checkWrites,
  checkStock,
  checkAlerts,
  checkRevocation,
  checkGhosts,
  checkAudit,
  checkSecrets,
  checkLiveness,
  checkExits,
  checkResume,
  checkConvergence,
]

/** Decides every invariant on a history and the database that it left behind. */
export function check(history: History, dump: Dump): Verdict {
  const facts = factsOf(history, dump)
  const violations = CHECKS.flatMap((one) => one(facts))
  const counts = Object.fromEntries(Object.keys(INVARIANTS).map((id) => [id, 0]))
  for (const { invariant } of violations) counts[invariant] = (counts[invariant] ?? 0) + 1
  return { counts, violations, facts }
}
