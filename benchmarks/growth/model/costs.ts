import { quantile } from '../../../e2e/rig/statistics.js'
import { median } from '../../speed/samples.js'
import { pointsOf, type Answers, type Growth } from '../growth.js'
import { fit, type Fit } from '../fit.js'
import type { StageCosts } from './simulate.js'

/** Whether all questions that `costsFrom` needs have been answered. */
export const hasCosts = (answers: Answers): boolean =>
  ['clients', 'rates', 'nodes', 'log', 'items', 'users'].every((name) => name in answers)

/** Laws and single costs, taken out of what was measured. */
export interface Costs {
  readonly law: (question: string, key: string) => Fit
  /** The median at a size. */
  readonly at: (question: string, key: string, x: number) => number
  readonly sizes: (question: string, key: string) => number[]
  readonly raw: (question: string) => Readonly<Record<string, unknown>>
}

/** @throws where something has not been measured */
export const costsFrom = (answers: Answers): Costs => {
  const growthOf = (question: string, key: string): Growth => {
    const growth = answers[question]?.growths.find((one) => one.key === key)
    if (growth === undefined) throw new Error(`${question} has not measured ${key}.`)
    return growth
  }
  return {
    law: (question, key) => {
      const growth = growthOf(question, key)
      return fit(growth.law, pointsOf(growth))
    },
    at: (question, key, x) =>
      median(growthOf(question, key).samples.find((sample) => sample.x === x)?.values ?? []),
    sizes: (question, key) => growthOf(question, key).samples.map(({ x }) => x),
    raw: (question) => (answers[question]?.raw ?? {}) as Readonly<Record<string, unknown>>,
  }
}

/** The load at which one change hardly meets another. */
export const CALM = 20

/**
 * The stages, from an idle system: a line over clients parts a node's reading from its writing, a line over nodes a read's share of
 * PostgreSQL from the commit's. `wire` is what then is missing to the median that was measured with one node. Under load everything
 * takes less CPU than in calm: by as much as was measured with one node at `perSecond`, one of the rates of `nodes`.
 */
export const stagesFrom = (costs: Costs, perSecond = CALM): StageCosts => {
  const perEvent = costs.law('clients', 'eventMs')
  const perLoad = costs.law('clients', 'loadMs')
  const ofPostgres = costs.law('nodes', `postgresMs@${String(CALM)}`)
  const clients = costs.raw('nodes')['clientsEach'] as number
  const { empty, calm } = costs.raw('rates') as { empty: number[]; calm: number[] }
  const commitMs = quantile(calm, 0.5)
  const commit = commitMs - Math.min(commitMs, quantile(empty, 0.5))
  const [deliver, receive] = [perEvent.b, Math.max(0, perLoad.b)]
  const [read, nodeRead] = [Math.max(0, ofPostgres.b), Math.max(0, perEvent.a)]
  const named = commitMs + read + nodeRead + (clients / 2) * Math.max(deliver, receive)
  const shareOf = (key: string): number =>
    costs.at('nodes', `${key}@${String(perSecond)}`, 1) /
    costs.at('nodes', `${key}@${String(CALM)}`, 1)
  const [postgres, node] = [shareOf('postgresMs'), shareOf('nodeMs')]
  return {
    statement: postgres * Math.max(0, ofPostgres.a - commit),
    commit: postgres * commit,
    sync: calm.map((ms) => Math.max(0, ms - commit)),
    writer: node * Math.max(0, perLoad.a),
    wire: Math.max(0, costs.at('nodes', `p50@${String(CALM)}`, 1) - named),
    read: postgres * read,
    nodeRead: node * nodeRead,
    deliver: node * deliver,
    receive: node * receive,
  }
}
