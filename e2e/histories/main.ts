import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { ensureHeap } from '../faults/heap.js'
import { createRandom } from '../rig/random.js'
import { askRound, type Asked } from './ask.js'
import { startCluster } from './cluster.js'
import { playRound, type Round } from './round.js'

await ensureHeap()

const { values } = parseArgs({
  options: {
    histories: { type: 'string', default: '10000' },
    seed: { type: 'string', default: '1' },
    /** The number of the first one; with those that a violation names, a round is played again. */
    from: { type: 'string', default: '0' },
    'side-by-side': { type: 'string', default: '400' },
    'round-ms': { type: 'string', default: '12000' },
    'per-second': { type: 'string', default: '25' },
    questions: { type: 'string', default: '3' },
  },
})
const total = Number(values.histories)
const first = Number(values.from)
const sideBySide = Math.min(Number(values['side-by-side']), total)
const seed = Number(values.seed)
const folder = join(
  fileURLToPath(new URL('../../reports/histories', import.meta.url)),
  String(seed),
)

interface Violation {
  readonly index: number
  readonly kind: string
  readonly details: readonly string[]
}

const violations: Violation[] = []
const sums = new Map<string, number>()
const verdicts = new Map<string, number>()

const count = (what: string, by: number, into = sums): void => {
  into.set(what, (into.get(what) ?? 0) + by)
}

const complain = (round: Round, index: number, kind: string, details: readonly string[]): void => {
  if (details.length === 0) return
  count(kind, details.length)
  violations.push({ index, kind, details })
  if (violations.length > 20) return
  const one = round.finished.find(({ plan }) => plan.index === index)
  console.log(`VIOLATION ${kind}: seed ${String(seed)}, history ${String(index)}`)
  for (const detail of details.slice(0, 5)) console.log(`  ${detail}`)
  if (one === undefined) return
  const { plan, recording, rights } = one
  console.log(`  ${recording.client} client of ${recording.userId}, ${recording.baseRole}`)
  for (const step of plan.steps) console.log(`  step ${JSON.stringify(step)}`)
  for (const act of recording.acts) console.log(`  act ${JSON.stringify(act)}`)
  for (const state of rights.states) console.log(`  state ${JSON.stringify(state)}`)
  for (const { seqs, times, ...attempt } of recording.attempts) {
    const span = seqs.length === 0 ? [] : [seqs[0], seqs.at(-1), times.at(-1)]
    console.log(`  attempt ${JSON.stringify({ ...attempt, received: seqs.length, span })}`)
  }
  console.log(`  faults ${JSON.stringify(round.faults)}`)
}

const judge = (round: Round): void => {
  const { finished, facts, faults, movements } = round
  count('histories', finished.length)
  count('movements', movements)
  count('entries for clients', facts.entries.length)
  for (const { kind } of faults) count(`faults: ${kind}`, 1)
  complain(round, -1, 'time of the log goes back', facts.falls.map(String))
  for (const { plan, recording, rights, verdict } of finished) {
    count(`clients: ${recording.client}`, 1)
    for (const { what, via } of recording.acts) count(`acts: ${what} by ${via}`, 1)
    count('changes of rights', rights.states.length)
    count('connections', recording.attempts.filter((one) => one.connectedAt !== undefined).length)
    count('resumed', recording.attempts.filter(({ resumed }) => resumed).length)
    count(
      'resets',
      recording.attempts.reduce((sum, { resets }) => sum + resets.length, 0),
    )
    count('received', verdict.received)
    count('to be received', verdict.required)
    count('sent again while a right changed', verdict.either)
    complain(round, plan.index, 'under an ended right', verdict.forbidden)
    complain(round, plan.index, 'missing under a valid right', verdict.missing)
    complain(round, plan.index, 'out of order', verdict.disordered)
    complain(round, plan.index, 'rights', rights.problems)
  }
}

const judgeAnswers = (round: Round, { problems, counts }: Asked): void => {
  for (const [what, number] of counts) count(what, number, verdicts)
  for (const { index, problem } of problems) complain(round, index, 'explain', [problem])
}

const startedAt = performance.now()
await mkdir(folder, { recursive: true })
console.log(`seed ${String(seed)}, ${String(total)} histories, ${String(sideBySide)} side by side`)
const random = createRandom(seed)
const cluster = await startCluster(folder)
try {
  let asking: Promise<void> = Promise.resolve()
  for (let from = first; from < first + total; from += sideBySide) {
    const round = await playRound(cluster, {
      random,
      from,
      count: Math.min(sideBySide, first + total - from),
      roundMs: Number(values['round-ms']),
      perSecond: Number(values['per-second']),
    })
    judge(round)
    await asking
    // Meanwhile the next round is played: what is on record must hold through its faults.
    asking = askRound(
      cluster,
      round,
      random.fork(`ask-${String(from)}`),
      Number(values.questions),
    ).then((asked) => {
      judgeAnswers(round, asked)
    })
    const seconds = Math.round((performance.now() - startedAt) / 1_000)
    console.log(
      `${String(from + round.finished.length - first)} histories in ${String(seconds)} s, ${String(violations.length)} with a violation`,
    )
  }
  await asking
} finally {
  await cluster.close()
}
const result = {
  seed,
  seconds: Math.round((performance.now() - startedAt) / 1_000),
  counts: Object.fromEntries([...sums].sort(([a], [b]) => a.localeCompare(b))),
  explain: Object.fromEntries([...verdicts].sort(([a], [b]) => a.localeCompare(b))),
  violations,
}
await writeFile(join(folder, 'result.json'), `${JSON.stringify(result, null, 2)}\n`)
console.log({ ...result, violations: violations.length })
console.log(violations.length === 0 ? 'No violation.' : 'VIOLATIONS, see above.')
process.exitCode = violations.length === 0 ? 0 : 1
