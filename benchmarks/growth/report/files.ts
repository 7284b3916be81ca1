import { readFile, writeFile } from 'node:fs/promises'
import { formatted, intoMarks } from '../../frame/document.js'
import type { Answers } from '../growth.js'
import { toChart } from './chart.js'
import { toCalculation, toFigures, toSimulation } from './document.js'
import { readAssumptions } from '../model/assumptions.js'

const [DOCUMENT, SAMPLES, CHART] = ['docs/scaling.md', 'docs/scaling.json', 'docs/scaling.svg']

/** What is kept of earlier runs. */
export const readAnswers = async (): Promise<Answers> => {
  try {
    return JSON.parse(await readFile(SAMPLES, 'utf8')) as Answers
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {}
    throw error
  }
}

/** Writes samples, charts and the parts of the document that follow from them; the assumptions are read from the document. */
export const writeAll = async (answers: Answers): Promise<void> => {
  const rounded = (_key: string, value: unknown): unknown =>
    typeof value === 'number' ? Number(value.toPrecision(5)) : value
  await writeFile(SAMPLES, await formatted(SAMPLES, JSON.stringify(answers, rounded)))
  await writeFile(CHART, toChart(answers))
  const before = await readFile(DOCUMENT, 'utf8')
  const parts = [
    ['calculated', toCalculation(answers, readAssumptions(before))],
    ['simulated', toSimulation(answers)],
    ['measured', toFigures(answers)],
  ] as const
  let document = before
  for (const [part, text] of parts) {
    document = await intoMarks(DOCUMENT, document, `${part} by \`npm run figures:growth\``, text)
  }
  await writeFile(DOCUMENT, document)
}
