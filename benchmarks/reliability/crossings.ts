import { pushTo, type Facts } from '../../e2e/faults/checker/facts.js'
import { createStockModel } from '../../e2e/faults/checker/stock-model.js'
import { mayReceive } from '../../e2e/faults/feeds.js'
import type { Figure, Finding } from '../frame/figure.js'
import { grouped } from '../../e2e/rig/statistics.js'
import { runFaultRig } from './fault-run.js'
import { raceAtThresholds, THRESHOLD, type Races } from './threshold-races.js'

const CROWD = {
  raw: 8,
  stock: 4,
  slow: 0,
  ghosts: 0,
  writers: 0,
  sqlWriters: 0,
  subjects: 2,
  listeners: 6,
  items: 24,
  perSecond: 1,
  // Once, at the start; the clients of that user are left out of the account.
  revokeEveryMs: 1_000_000_000,
  racing: 0,
} as const

/** One alert for each time that stock falls to its threshold or below it, whoever races there. */
export const crossings: Figure = {
  name: 'crossings',
  run: async ({ random, sized }) => {
    let races: Races | undefined
    const { verdict } = await runFaultRig('crossings', {
      seed: random.int(1, 1_000_000),
      faults: [],
      size: CROWD,
      drill: async (world) => {
        races = await raceAtThresholds(world, {
          rounds: sized(2_000),
          random: random.fork('races'),
        })
      },
    })
    if (races === undefined) throw new Error('The races were not run.')
    const { due, problems } = crossingsByMovements(verdict.facts)
    const alerts = compareAlerts(verdict.facts, due)
    const clients = compareClients(verdict.facts)
    const breaches = verdict.violations.map(({ invariant, detail }) => `${invariant}: ${detail}`)
    return {
      findings: toFindings(races, due.length, { problems, alerts, clients }, breaches),
      raw: {
        races,
        crossings: due.length,
        problems,
        alerts,
        clients,
        counts: verdict.counts,
        breaches,
      },
    }
  },
}

interface Crossing {
  readonly seq: number
  readonly sku: string
}

/** Crossings by the movements alone, in the order of their numbers: above before, not above after. */
const crossingsByMovements = ({ dump }: Facts): { due: Crossing[]; problems: string[] } => {
  const model = createStockModel()
  const due: Crossing[] = []
  const problems: string[] = []
  const transactions = new Map<string, (typeof dump.movements)[number][]>()
  for (const movement of dump.movements) {
    pushTo(transactions, `${String(movement.seq)}/${movement.sku}`, movement)
  }
  for (const movements of transactions.values()) {
    const [{ seq, sku } = { seq: 0, sku: '' }] = movements
    const before = model.totalOf(sku)
    for (const movement of movements) problems.push(...model.apply(movement))
    if (before > THRESHOLD && model.totalOf(sku) <= THRESHOLD) due.push({ seq, sku })
  }
  return { due, problems }
}

interface Difference {
  /** Crossings without an alert. */
  readonly missing: number
  /** Alerts without a crossing, second ones included. */
  readonly surplus: number
}

/** An alert is the entry behind the change that crossed. */
const compareAlerts = ({ dump }: Facts, due: readonly Crossing[]): Difference => {
  const open = new Set(due.map(({ seq, sku }) => `${String(seq + 1)}/${sku}`))
  let surplus = 0
  for (const { seq, name, payload } of dump.log) {
    if (name !== 'inventory:lowStock') continue
    if (!open.delete(`${String(seq)}/${String(payload['sku'])}`)) surplus += 1
  }
  return { missing: open.size, surplus }
}

interface ClientAccount extends Difference {
  readonly entitled: number
  readonly received: number
  /** Clients that may not hear alerts, and what they heard. */
  readonly others: number
  readonly leaked: number
}

/** What each client heard, against all alerts after the number that it began at. */
const compareClients = (facts: Facts): ClientAccount => {
  const alerts = facts.dump.log.filter(({ name }) => name === 'inventory:lowStock')
  const changed = new Set(facts.changes.map(({ userId }) => userId))
  const account = { entitled: 0, received: 0, missing: 0, surplus: 0, others: 0, leaked: 0 }
  for (const [client, { userId }] of facts.finals) {
    // Whose rights were taken for a while heard less, as he should.
    if (changed.has(userId)) continue
    const records = facts.clients.get(client) ?? []
    const begin = records.find((record) => record.op === 'connected')
    const heard = records.flatMap((record) =>
      record.op === 'packet' && record.name === 'inventory:lowStock' ? [record.seq] : [],
    )
    if (!mayReceive('inventory:lowStock', facts.roleAt(userId, facts.dump.head.seq))) {
      account.others += 1
      account.leaked += heard.length
      continue
    }
    const open = new Set(
      alerts.flatMap(({ seq }) => (seq > (begin?.position.seq ?? 0) ? [seq] : [])),
    )
    account.entitled += 1
    account.received += heard.length
    account.surplus += heard.filter((seq) => !open.delete(seq)).length
    account.missing += open.size
  }
  return account
}

const toFindings = (
  races: Races,
  crossed: number,
  seen: { problems: readonly string[]; alerts: Difference; clients: ClientAccount },
  breaches: readonly string[],
): Finding[] => {
  const { problems, alerts, clients } = seen
  const isExact = ({ missing, surplus }: Difference): boolean => missing === 0 && surplus === 0
  return [
    {
      figure:
        'Low-stock alerts, three nodes, two REST writers and one plain SQL writer racing at each threshold, receipts racing with consumption; crossings worked out from the movements',
      goal: 'exactly one alert for each crossing',
      measured:
        `${grouped(crossed)} crossings, ${String(alerts.missing)} without an alert, ${String(alerts.surplus)} alerts too many; ` +
        `${grouped(races.restWrites)} REST and ${grouped(races.sqlWrites)} SQL writes in ${races.wallSeconds.toFixed(0)} s ` +
        `on 16 items at once, ${grouped(races.refused)} refused for want of stock, ${String(races.failures.length)} failed, ` +
        `${String(races.deadlocks)} deadlocks, ${String(problems.length)} movements that do not follow on`,
      met: crossed > 0 && isExact(alerts) && problems.length === 0 && races.failures.length === 0,
    },
    {
      figure: 'The same, as connected clients heard them',
      goal: 'each entitled client hears each alert once, others none',
      measured:
        `${String(clients.entitled)} entitled clients heard ${grouped(clients.received)} alerts: ${String(clients.missing)} missing, ` +
        `${String(clients.surplus)} too many; ${String(clients.others)} others heard ${String(clients.leaked)}. ` +
        `The fault checker on the same run (I1 to I18): ${String(breaches.length)} breaches`,
      met:
        clients.entitled > 0 && isExact(clients) && clients.leaked === 0 && breaches.length === 0,
      ...(breaches[0] === undefined ? {} : { remark: breaches[0] }),
    },
  ]
}
