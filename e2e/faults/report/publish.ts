import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { format, resolveConfig } from 'prettier'
import type { SabotageResult } from '../sabotage/run-sabotages.js'
import type { Figures } from './figures.js'
import { figureLines } from './report.js'

/** The figures of a series of broken builds. */
export interface SabotageFigures {
  readonly form: 'sabotage'
  readonly seed: number
  readonly date: string
  readonly command: string
  readonly results: readonly SabotageResult[]
}

const isSabotage = (figures: Figures | SabotageFigures): figures is SabotageFigures =>
  'results' in figures

/** Makes docs/fault-figures.md of all runs whose figures are under `reports`. */
export async function publish(reports: string, document: string): Promise<void> {
  const folders = await readdir(reports)
  const all: (Figures | SabotageFigures)[] = []
  for (const folder of folders.sort()) {
    const figures = await readFile(join(reports, folder, 'figures.json'), 'utf8').catch(
      () => undefined,
    )
    // Written by this program, in this shape.
    if (figures !== undefined) all.push(JSON.parse(figures) as Figures | SabotageFigures)
  }
  all.sort((a, b) => (a.date < b.date ? -1 : 1))
  const runs = all.filter((figures): figures is Figures => !isSabotage(figures))
  const sabotages = all.filter(isSabotage)
  const text = [
    '# Fault figures',
    '',
    'Made by `npm run test:faults -- --publish` from the runs below; each can be repeated by its seed. What is run and',
    'what is checked is told in `e2e/faults/README.md`.',
    '',
    ...NOTES,
    '',
    ...runs.flatMap((figures) => [
      `## ${figures.form === 'soak' ? 'Soak' : 'Short run'}, seed ${String(figures.seed)}`,
      '',
      ...figureLines(figures),
      '',
    ]),
    ...sabotages.flatMap((figures) => [
      `## Builds broken on purpose, seed ${String(figures.seed)}`,
      '',
      `Command: \`${figures.command}\`, ${figures.date} UTC.`,
      '',
      '| build | what is wrong with it | found broken | as expected |',
      '|---|---|---|---|',
      ...figures.results.map(
        ({ name, what, found, isAsExpected }) =>
          `| ${name} | ${what} | ${foundText(found)} | ${isAsExpected ? 'yes' : '**no**'} |`,
      ),
      '',
    ]),
  ].join('\n')
  const style = await resolveConfig(document)
  await writeFile(document, await format(text, { ...style, filepath: document }))
}

/** What a reader must know to judge the tables. */
const NOTES: readonly string[] = [
  '- Everything runs on one machine: nodes, PostgreSQL, Redis, proxies, clients and checker share its cores, so times are',
  '  upper bounds of what the service needs.',
  '- A number above the end of a right is never forgiven (I11). For bytes in time, a node that was stopped or a client',
  '  behind a swallowed network has until 1 s after that ended: what a dead network holds has left the service before. Soak 11',
  '  was decided with 5 s for them at first and had 86 breaches: 85 packets that the network had held, and one that a node',
  '  sent 19 ms after it woke up, numbered before the right ended.',
  '- An attempt to connect counts as on record where a row or, for a node that was killed, its log line tells of it.',
  '- Soak 12 has seven breaches, looked into one by one. I11, three: a node had been cut off from PostgreSQL for 15 to 19 s;',
  '  an answer that the network had held was delivered when it healed, one entry numbered before the right ended, in the',
  '  tick before the node heard of the end. The exact rule held, the timed one (5 s) did not: a read that took longer than',
  '  the limit should be read again, and the ends of rights in a batch be acted on first. Open. I15 and I18, two each: two',
  '  users were still demoted at the end, because the faults hit the change that should have restored them; a patient may',
  '  read no snapshot. The rig must heal rights before it compares. Open.',
  '- Not run: skewed clocks (F14).',
]

const foundText = (found: Readonly<Record<string, number>>): string =>
  Object.entries(found)
    .map(([id, count]) => `${id} ${String(count)}`)
    .join(', ') || 'nothing'
