import type { Figure, Finding } from '../frame/figure.js'
import { grouped, summarise, told } from '../../e2e/rig/statistics.js'
import { runStorm, type StormPlan, type StormResult } from './storm-run.js'

const SMALL = { clients: 1_000, kind: 'light', changesPerSecond: 20 } as const
// The same number of deliveries a second: clients and nodes share the machine.
const LARGE = { clients: 5_000, kind: 'light', changesPerSecond: 4 } as const

const PLANS: readonly StormPlan[] = [
  { ...SMALL, kills: 'one node' },
  { ...SMALL, kind: 'stock', changesPerSecond: 5, kills: 'one node' },
  { ...SMALL, kills: 'all nodes' },
  { ...SMALL, kills: 'all nodes', slowerByMs: 50 },
  { ...SMALL, kills: 'all nodes', invalid: 0.1 },
  { ...LARGE, kills: 'one node' },
  { ...LARGE, kills: 'all nodes' },
]
const goalSecondsOf = (plan: StormPlan): number => (plan.clients > SMALL.clients ? 10 : 3)
const ATTEMPTS_GOAL = 1.3

/** Nodes killed under everybody: how long until all are authenticated and at the head again, and what that costs. */
export const storm: Figure = {
  name: 'storm',
  run: async ({ sized, random }) => {
    const findings: Finding[] = []
    const raw: { readonly plan: StormPlan; readonly result: StormResult }[] = []
    for (const plan of PLANS) {
      const clients = sized(plan.clients, 60)
      const result = await runStorm({ ...plan, clients }, random)
      raw.push({ plan, result })
      findings.push(...toFindings(plan, clients, result))
    }
    return { findings, raw }
  },
}

const toFindings = (plan: StormPlan, clients: number, result: StormResult): Finding[] => {
  const what =
    `${plan.kills === 'one node' ? 'One of three nodes' : 'All three nodes'} killed (-9), ${grouped(clients)} ${plan.kind} clients` +
    (plan.slowerByMs === undefined ? '' : `, database ${String(plan.slowerByMs)} ms slower`) +
    (plan.invalid === undefined ? '' : `, ${String(plan.invalid * 100)} % with an invalid token`)
  const goalS = goalSecondsOf(plan)
  const refusedWanted = Math.round(clients * (plan.invalid ?? 0))
  const fromKill = summarise(result.fromKillMs)
  const listeningMs = result.listeningAfterMs
  // With one node gone the others listen all the time: the clock starts with the kill.
  const isOne = plan.kills === 'one node'
  const listening = isOne
    ? 'two nodes listened all the time'
    : `${seconds(fromKill.max - listeningMs)} after the first node listened again, which was ${seconds(listeningMs)} after the kill`
  const goalMs = goalS * 1_000 + (isOne ? 0 : listeningMs)
  const attempts = result.attempts / result.thrown
  const attemptsAfter = result.attemptsAfterListening / result.thrown
  const lookUps = result.lookUps / result.thrown
  return [
    {
      figure: `${what}: all authenticated and at the head`,
      goal: `at most ${String(goalS)} s after ${isOne ? 'the kill' : 'a node listens'}`,
      measured:
        `all ${seconds(fromKill.max)} after the kill, half of them ${seconds(fromKill.p50)}; ${listening}; ` +
        `${grouped(result.thrown)} thrown off, ${String(result.refused)} refused, ${String(result.away)} not back`,
      met: fromKill.max <= goalMs && result.away === 0 && result.refused === refusedWanted,
      remark: `Start of the attempt that succeeded to the head: ${told(summarise(result.fromAttemptMs))}; the rest is the back-off of the stock client (0.5 to 1.5 s, then 1 to 3 s, then 2 to 5 s)`,
    },
    {
      figure: `${what}: cost`,
      goal: `at most 1 look-up of a user and ${String(ATTEMPTS_GOAL)} attempts each`,
      measured: `${grouped(result.lookUps)} look-ups (${lookUps.toFixed(2)} each) in ${grouped(result.lookUpStatements)} statements, ${attempts.toFixed(2)} attempts each, ${attemptsAfter.toFixed(2)} of them after a killed node listened again`,
      met: lookUps <= 1 && (isOne ? attempts : attemptsAfter) <= ATTEMPTS_GOAL,
    },
    {
      figure: `${what}: deliveries`,
      goal: '0 lost, 0 twice',
      measured: `${grouped(result.lost)} lost, ${grouped(result.twice)} twice of ${grouped(result.due)} (${String(plan.changesPerSecond)} changes/s went on)`,
      met: result.lost === 0 && result.twice === 0 && result.due > 0,
    },
  ]
}

const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`
