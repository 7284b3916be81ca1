import { describe, expect, it } from 'vitest'
import { hasTest, readRepositoryFile, tableOf } from './documents.js'
import { readSeed } from './seed-blocks.js'

/** Points of lists and headings of parts: whatever the seed says of what there is to be. */
const sentencesOf = (seed: string): string[] =>
  seed
    .replaceAll(/```.*?```/gs, '')
    .split('\n')
    .flatMap((line) => {
      const point = /^(?:- |\d+\. |### (?=\d|Connecting|Broadcasting))(.+)$/.exec(line)?.[1]
      return point === undefined ? [] : [point.trim()]
    })

describe('docs/seed-coverage.md', () => {
  it('has every sentence of the seed, and no other', async () => {
    const covered = tableOf(await readRepositoryFile('docs/seed-coverage.md'), 'the seed says')
    expect(covered.map(([sentence]) => sentence)).toEqual(sentencesOf(await readSeed()))
  })

  it('names tests that exist', async () => {
    const covered = tableOf(await readRepositoryFile('docs/seed-coverage.md'), 'the seed says')
    const missing: string[] = []
    for (const [, name = '', path = ''] of covered) {
      if (!(await hasTest(path.replaceAll('`', ''), name))) missing.push(`${path}: ${name}`)
    }
    expect(missing).toEqual([])
  })
})
