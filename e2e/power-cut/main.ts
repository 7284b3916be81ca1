import { randomInt } from 'node:crypto'
import { parseArgs } from 'node:util'
import { runPowerCuts, type Outcome } from './run.js'

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: String(randomInt(1_000_000)) },
    moments: { type: 'string', default: '50' },
    commits: { type: 'string', default: '600' },
    'without-syncs': { type: 'boolean', default: false },
  },
})

const describe = ({ phase, at, cut, acknowledged, opens, lost, problems }: Outcome): string => {
  const how = `names: ${cut.names}, files: ${cut.files}, sectors of ${String(cut.sectorBytes)}`
  const verdict = !opens
    ? 'DOES NOT OPEN'
    : lost.length + problems.length > 0
      ? `${String(lost.length)} LOST`
      : 'whole'
  const details = [...lost, ...problems].slice(0, 3).map((what) => `\n    ${what}`)
  return `event ${String(at)} (${phase}; ${how}): ${String(acknowledged)} acknowledged, ${verdict}${details.join('')}`
}

console.log(`seed ${values.seed}`)
const outcomes = await runPowerCuts({
  seed: Number(values.seed),
  moments: Number(values.moments),
  commits: Number(values.commits),
  withoutSyncs: values['without-syncs'],
  onOutcome: (outcome) => {
    console.log(describe(outcome))
  },
})
const count = (of: (outcome: Outcome) => boolean): string => String(outcomes.filter(of).length)
console.log(
  `${String(outcomes.length)} power cuts: ` +
    `${String(outcomes.reduce((sum, { acknowledged }) => sum + acknowledged, 0))} acknowledged writes looked for, ` +
    `${String(outcomes.reduce((sum, { lost }) => sum + lost.length, 0))} lost; ` +
    `${count(({ opens }) => !opens)} folders that do not open; ` +
    `${count(({ problems, opens }) => opens && problems.length > 0)} with other problems`,
)
if (outcomes.some(({ lost, problems }) => lost.length + problems.length > 0)) process.exitCode = 1
