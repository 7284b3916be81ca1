import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { format, resolveConfig } from 'prettier'
import type { SabotageResult } from '../sabotage/run-sabotages.js'
import type { Figures } from './figures.js'
import { measurementLines, type MeasuredFigures } from './measurements.js'
import { figureLines } from './report.js'

/** The figures of a series of broken builds. */
export interface SabotageFigures {
  readonly form: 'sabotage'
  readonly seed: number
  readonly date: string
  readonly command: string
  readonly results: readonly SabotageResult[]
}

const FORMS: Readonly<Record<string, string>> = {
  short: 'Short run',
  soak: 'Soak',
  chaos: 'Chaos',
}

type Kept = Figures | SabotageFigures | MeasuredFigures

const isSabotage = (figures: Kept): figures is SabotageFigures => 'results' in figures
const isMeasured = (figures: Kept): figures is MeasuredFigures => 'measurements' in figures

/** Makes docs/fault-figures.md of all runs and measurements whose figures are in a folder of one of `reports`. */
export const publish = async (reports: readonly string[], document: string): Promise<void> => {
  const all = (await Promise.all(reports.map(readFigures))).flat()
  all.sort((a, b) => (a.date < b.date ? -1 : 1))
  const measured = all.filter(isMeasured)
  const sabotages = all.filter(isSabotage)
  const runs = all.filter(
    (figures): figures is Figures => !isSabotage(figures) && !isMeasured(figures),
  )
  const text = [
    '# Fault figures',
    '',
    'Made by `npm run test:faults -- --publish-only` from the runs below; each can be repeated by its seed. What is run and',
    'what is checked is told in `e2e/faults/README.md`.',
    '',
    ...NOTES,
    '',
    ...measurementLines(measured),
    ...runs.flatMap((figures) => [
      `## ${FORMS[figures.form] ?? 'Run'}, seed ${String(figures.seed)}`,
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
    ...WEAK_NETWORK,
  ].join('\n')
  const style = await resolveConfig(document)
  await writeFile(document, await format(text, { ...style, filepath: document }))
}

const readFigures = async (reports: string): Promise<Kept[]> => {
  const folders = await readdir(reports).catch(() => [])
  const found: Kept[] = []
  for (const folder of folders.sort()) {
    const figures = await readFile(join(reports, folder, 'figures.json'), 'utf8').catch(
      () => undefined,
    )
    // Written by this program or by `npm run figures:reliability`, in one of these shapes.
    if (figures !== undefined) found.push(JSON.parse(figures) as Kept)
  }
  return found
}

/** What a reader must know to judge the tables. */
const NOTES: readonly string[] = [
  '- Everything runs on one machine: nodes, PostgreSQL, Redis, proxies, clients and checker share its cores, so times are',
  '  upper bounds of what the service needs.',
  '- A number above the end of a right is never forgiven (I11). For bytes in time, a node that was stopped or a client',
  '  behind a swallowed network has until 1 s after that ended: what a dead network holds has left the service before.',
  '- An attempt to connect counts as on record where a row or, for a node that was killed, its log line tells of it.',
  '- Whether a right had ended (I19) is what the log says: a change whose answer was lost may be committed after it was',
  '  undone. Who is refused as inactive less than 1 s after he was active again is counted, and no breach. After a fault (I20)',
  '  nobody waits for a client that was told, with a reason, that only another token helps, and had none. The hour of chaos',
  '  (seed 1) had five such refusals, and three waits of 80 to 90 s for them, because nodes said that somebody is inactive',
  '  from memory; since that run they ask the database first.',
  '- A client that resumes after a demotion is not due what only its old role could see, although that was numbered before.',
  '- The run of 300 faults (seed 14) was made at a load of 4 to 10 by other work, before nodes judged time by the',
  '  clock of the database (decision 0019): its clients logged in again after each clock fault. Decided at first, it had one',
  '  breach: an alert that a pharmacist missed who came back as a doctor (see above). The checker had asked for the role at',
  '  the number up to which the client had come, not at the time; decided again, it has none.',
  '- Beside soaks 15 and 16 the checker of that run took one of the two cores; what latency is without that is in the table',
  '  of goals. Beside soak 20574458, of the last code, ran the kills (-9) of that table.',
]

/** Measured apart, by a command that keeps no figures. */
const WEAK_NETWORK: readonly string[] = [
  '## A day on a weak network',
  '',
  'Command: `npm run test:weak-network -- --minutes 60 --seed 13`; what is run and compared is told in',
  '`e2e/weak-network/README.md`. On 2026-11-27, 2 cores that other work kept at a load of 15 to 24. Refreshes without an',
  'answer are those of the page; any that the server had committed ended its session before decision 0037.',
  '',
  '| run | changes of the network | cuts | movements of client / page | refused | refreshes without an answer | views that differed | page, client and database |',
  '|---|---|---|---|---|---|---|---|',
  '| 5 minutes, seed 101 | 43 | 7 | 50 / 45 | 0 | not counted | 0 | agree |',
  '| 10 minutes, seed 102, `--access-token-ttl 60s` | 79 | 22 | 100 / 95 | 0 | 60 | 0 | agree |',
  '| 60 minutes, seed 13 | 572 | 129 | 603 / 534 | 0 | 123 | 0 | agree |',
  '',
]

const foundText = (found: Readonly<Record<string, number>>): string =>
  Object.entries(found)
    .map(([id, count]) => `${id} ${String(count)}`)
    .join(', ') || 'nothing'
