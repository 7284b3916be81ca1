import { createRandom } from '../../../e2e/rig/random.js'
import { quantile } from '../../../e2e/rig/statistics.js'
import { table } from '../../frame/document.js'
import { short } from '../../speed/report/numbers.js'
import type { Answers } from '../growth.js'
import type { Assumptions } from '../model/assumptions.js'
import {
  capacityOf,
  demandOf,
  RESOURCES,
  type CapacityCosts,
  type Demand,
  type Logs,
  type Resource,
} from '../model/capacity.js'
import { capacityCostsFrom } from '../model/capacity-costs.js'
import { CALM, costsFrom, hasCosts, stagesFrom, type Costs } from '../model/costs.js'
import { simulate, type StageCosts, type Topology } from '../model/simulate.js'
import { toOrigins, toTable } from './tables.js'

const UNKNOWN = 'To be calculated once every question has been answered.'
const [SEED, CHANGES] = [20261122, 1_000]

/** The tables of what was measured. */
export const toFigures = (answers: Answers): string =>
  [
    toOrigins(answers),
    ...Object.entries(answers).flatMap(([name, kept]) =>
      kept === undefined ? [] : [`### ${name}`, toTable(kept.growths)],
    ),
  ].join('\n\n')

/** What nodes carry, and what a country asks for, under the assumptions. */
export const toCalculation = (answers: Answers, assumptions: Assumptions): string => {
  if (!hasCosts(answers)) return UNKNOWN
  const costs = capacityCostsFrom(costsFrom(answers))
  return [
    '**As it is**: one log, and every tablet hears of every clinic.',
    toCapacity(assumptions, costs, 'one'),
    `The whole country, ${grouped(assumptions.clinics)} clinics; shares of what there is, **bold** where it does not fit:`,
    toCountry(assumptions, costs, 'one'),
    '**On paper: one log, rooms for each clinic**, so that a tablet hears its own.',
    toCapacity(assumptions, costs, 'rooms'),
    toCountry(assumptions, costs, 'rooms'),
    '**On paper: a log for each clinic** ([0045](decisions/0045-one-log-for-now.md)).',
    toCapacity(assumptions, costs, 'each'),
    toCountry(assumptions, costs, 'each'),
    'What that was calculated from:',
    toCosts(costs),
  ].join('\n\n')
}

const NODES = [1, 10, 100]
/** Those of the question `nodes`. */
const RATES = [20, 100, 200, 300]

const toCapacity = (assumptions: Assumptions, costs: CapacityCosts, logs: Logs): string =>
  table(
    [
      'nodes',
      'clinics',
      'connections',
      'commits/s',
      'deliveries/s',
      'what gives first',
      'such databases for the country',
      'the others, in use',
    ],
    NODES.map((nodes) => {
      const { clinics, first } = capacityOf(assumptions, costs, nodes, logs)
      const demand = demandOf(assumptions, costs, { clinics, nodes, logs })
      const others = (Object.keys(RESOURCES) as Resource[]).filter((name) => name !== first)
      return [
        grouped(nodes),
        grouped(clinics),
        grouped(demand.connections),
        short(demand.commitsPerSecond),
        grouped(demand.deliveriesPerSecond),
        RESOURCES[first],
        clinics === 0 ? '' : grouped(Math.ceil(assumptions.clinics / clinics)),
        others.map((name) => `${RESOURCES[name]} ${percent(demand.shares[name])}`).join(', '),
      ]
    }),
  )

const toCountry = (assumptions: Assumptions, costs: CapacityCosts, logs: Logs): string => {
  const { clinics, busyShare } = assumptions
  const demands = NODES.map((nodes) => demandOf(assumptions, costs, { clinics, nodes, logs }))
  const row = (what: string, of: (demand: Demand, index: number) => string): string[] => [
    what,
    ...demands.map(of),
  ]
  return table(
    ['', ...NODES.map((nodes) => `${grouped(nodes)} ${nodes === 1 ? 'node' : 'nodes'}`)],
    [
      row('connections of a node', (demand, index) =>
        grouped(demand.connections / (NODES[index] ?? 1)),
      ),
      row('commits/s', (demand) => short(demand.commitsPerSecond)),
      row('deliveries/s, all nodes', (demand) => grouped(demand.deliveriesPerSecond)),
      row('snapshot for one tablet, MB', (demand) => short(demand.snapshotBytes / 1e6)),
      ...(Object.keys(RESOURCES) as Resource[]).map((name) =>
        row(RESOURCES[name], ({ shares }) =>
          shares[name] > busyShare ? `**${percent(shares[name])}**` : percent(shares[name]),
        ),
      ),
    ],
  )
}

const toCosts = (c: CapacityCosts): string =>
  table(
    ['cost', 'value'],
    [
      ['CPU of PostgreSQL for a change and its COMMIT', `${short(c.commitSeconds * 1e3)} ms`],
      ["CPU of PostgreSQL for a node's read after it", `${short(c.readSeconds * 1e3)} ms`],
      ['COMMIT, one after the other', `${short(c.headSeconds * 1e3)} ms`],
      ['CPU of a node for an entry', `${short(c.entrySeconds * 1e3)} ms`],
      ['CPU of a node for a delivery', `${short(c.deliverySeconds * 1e6)} µs`],
      ['CPU of a node a second for an idle client', `${short(c.idleClientSeconds * 1e6)} µs`],
      [
        'CPU a second of a node where nothing happens, and of PostgreSQL for it',
        `${short(c.idleNodeSeconds * 1e3)} ms, ${short(c.idlePostgresSeconds * 1e3)} ms`,
      ],
      [
        'memory of a node for a client, for a user it knows',
        `${short(c.clientBytes / 1e3)} kB, ${short(c.userBytes)} B`,
      ],
      ['bytes of a delivery', short(c.deliveryBytes)],
      ['CPU of PostgreSQL for an item in a digest', `${short(c.digestSecondsPerItem * 1e6)} µs`],
      ['bytes of an item in a snapshot', short(c.snapshotBytesPerItem)],
      ['connections of a node to PostgreSQL', short(c.connectionsPerNode)],
    ],
  )

/** How far the simulation is off what was measured, and what it says of more than this machine holds. */
export const toSimulation = (answers: Answers): string => {
  if (!hasCosts(answers)) return UNKNOWN
  const costs = costsFrom(answers)
  return [
    `Stages, in ms: ${describeStages(stagesFrom(costs))}. \`wire\` is what was missing to the median with one node at ${String(CALM)} changes/s, and all of it takes less CPU under load by as much as one node was measured to; the rest is foretold.`,
    toValidation(costs),
    'And foretold, each node on a core of its own with 1,000 clients, PostgreSQL on 8, changes that come by chance; p50 / p99, ms:',
    toForecast(costs),
  ].join('\n\n')
}

const describeStages = ({ sync, ...others }: StageCosts): string =>
  [...Object.entries(others), ['sync', quantile(sync, 0.5)] as const]
    .map(([name, ms]) => `${name} ${short(ms)}`)
    .join(', ')

const toValidation = (costs: Costs): string => {
  const clients = costs.raw('nodes')['clientsEach'] as number
  const cells = [1, 3].flatMap((nodes) =>
    RATES.map((perSecond) => {
      const times = play(
        stagesFrom(costs, perSecond),
        { nodes, clientsPerNode: clients, postgres: 'shared' },
        perSecond,
        'clock',
      )
      const compare = (key: string, share: number): [string, string, string] => {
        const [measured, said] = [
          costs.at('nodes', `${key}@${String(perSecond)}`, nodes),
          quantile(times, share),
        ]
        return [short(measured), short(said), percent((said - measured) / measured)]
      }
      return [grouped(nodes), grouped(perSecond), ...compare('p50', 0.5), ...compare('p99', 0.99)]
    }),
  )
  return table(
    [
      'nodes',
      'changes/s',
      'p50 measured, ms',
      'simulated',
      'error',
      'p99 measured, ms',
      'simulated',
      'error',
    ],
    cells,
  )
}

const toForecast = (costs: Costs): string => {
  return table(
    ['nodes', ...RATES.map((rate) => `${String(rate)} changes/s`)],
    [1, 3, 10].map((nodes) => [
      grouped(nodes),
      ...RATES.map((rate) => {
        // Of ten nodes all do the same: some of their clients tell enough.
        const times = play(
          stagesFrom(costs, rate),
          { nodes, clientsPerNode: 1_000, postgres: 8 },
          rate,
          'chance',
        )
        return `${short(quantile(times, 0.5))} / ${short(quantile(times, 0.99))}`
      }),
    ]),
  )
}

const play = (
  stages: StageCosts,
  topology: Topology,
  perSecond: number,
  arrivals: 'clock' | 'chance',
): Float64Array => {
  const clients = topology.nodes * topology.clientsPerNode
  const count = Math.max(200, Math.min(CHANGES, Math.round(2e6 / clients)))
  return simulate(stages, topology, { perSecond, count, arrivals }, createRandom(SEED))
}

const grouped = (value: number): string => Math.round(value).toLocaleString('en-US')
const percent = (share: number): string =>
  share >= 10 ? `${grouped(share)} x` : `${(share * 100).toFixed(share < 0.1 ? 1 : 0)} %`
