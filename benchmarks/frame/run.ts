import { parseArgs } from 'node:util'
import { createRandom } from '../../e2e/rig/random.js'
import type { Figure, FigureContext, FigureResult } from './figure.js'
import { currentLoad, describeCommit, describeMachine } from '../../e2e/rig/machine.js'

/** One question, answered, with what surrounded it. */
export interface Measurement extends FigureResult {
  readonly name: string
  readonly seconds: number
  /** Load average of the machine before and after. */
  readonly loadBefore: number
  readonly loadAfter: number
}

/** What was asked for on the command line. */
export interface RunOptions {
  readonly seed: number
  /** A twentieth of the sizes: to see that it works, not to publish. */
  readonly quick: boolean
  /** Names of the measurements; all where it is absent. */
  readonly only?: readonly string[]
}

/** What a table says of the run that made it. */
export interface Run {
  readonly date: string
  readonly machine: string
  readonly commit: string
  readonly seed: number
  readonly command: string
}

/** Reads `--seed`, `--quick` and `--only name,name`. */
export const readRunOptions = (): RunOptions => {
  const { values } = parseArgs({
    options: {
      quick: { type: 'boolean', default: false },
      seed: { type: 'string', default: '20261122' },
      only: { type: 'string' },
    },
  })
  const only = values.only?.split(',')
  return { seed: Number(values.seed), quick: values.quick, ...(only === undefined ? {} : { only }) }
}

/** Describes the run; `script` is its name in package.json. */
export const describeRun = (script: string, { seed, quick, only }: RunOptions): Run => ({
  date: new Date().toISOString().slice(0, 16).replace('T', ' '),
  machine: describeMachine(),
  commit: describeCommit(),
  seed,
  command:
    `npm run ${script} --${quick ? ' --quick' : ''}` +
    `${only === undefined ? '' : ` --only ${only.join(',')}`} --seed ${String(seed)}`,
})

/**
 * Runs the wanted measurements one after the other, prints what each has found, and yields it. One that fails is a goal
 * missed, not the end. `contextFor` adds what the measurements of a suite share.
 *
 * @throws where `--only` names none of the figures
 */
export const measure = async function* <Context extends FigureContext>(
  figures: readonly Figure<Context>[],
  { seed, quick, only }: RunOptions,
  contextFor: (context: FigureContext) => Context,
): AsyncGenerator<Measurement> {
  const random = createRandom(seed)
  const sized = (full: number, least = 1): number =>
    quick ? Math.max(least, Math.round(full / 20)) : full
  for (const name of only ?? []) {
    if (!figures.some((figure) => figure.name === name)) throw new Error(`No figure '${name}'`)
  }
  for (const { name, run } of figures) {
    if (only !== undefined && !only.includes(name)) continue
    const [startedAt, loadBefore] = [performance.now(), currentLoad()]
    const context = contextFor({ sized, random: random.fork(name) })
    const result = await run(context).catch(toFailure)
    const seconds = (performance.now() - startedAt) / 1_000
    console.log(`\n${name}: ${seconds.toFixed(1)} s`)
    for (const { figure, goal, measured, met } of result.findings) {
      console.log(`  ${met ? 'met   ' : 'MISSED'} ${figure} [${goal}]\n         ${measured}`)
    }
    yield { name, seconds, loadBefore, loadAfter: currentLoad(), ...result }
  }
}

const toFailure = (error: unknown): FigureResult => {
  const reason = error instanceof Error ? (error.stack ?? error.message) : String(error)
  console.error(reason)
  const finding = {
    figure: 'The measurement itself',
    goal: 'ends',
    measured: 'It failed',
    met: false,
  }
  return { findings: [{ ...finding, remark: reason.split('\n')[0] ?? '' }], raw: null }
}
