import { readFile } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { SETTINGS } from '../../src/config/schema.js'
import type { Setting } from '../../src/config/setting.js'
import { createTestDatabase } from '../support/world.js'

interface Row {
  readonly where: string
  readonly cells: readonly string[]
}

const readRows = async (): Promise<Row[]> => {
  const text = await readFile('docs/privacy.md', 'utf8')
  const [table = ''] = text.slice(text.indexOf('<!-- retention -->')).split('\n## ')
  return table
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .slice(2)
    .map((line) => {
      const cells = line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim())
      return { where: cells[1] ?? '', cells }
    })
}

const quoted = (text: string): string[] =>
  [...text.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name)

it('docs/privacy.md says of every table how long it is kept and why, by settings that there are', async () => {
  await using database = await createTestDatabase()
  const tables = await database.query<{ name: string }>(
    `select relname as name from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r' order by relname`,
  )
  const rows = await readRows()
  const told = rows.flatMap(({ where }) => quoted(where)).filter((name) => /^[a-z_]+$/.test(name))
  expect(told.sort()).toEqual(tables.map(({ name }) => name))

  const settings = Object.values<Setting>(SETTINGS).map(({ variable }) => variable)
  for (const { cells } of rows) {
    expect(cells).toHaveLength(7)
    expect(cells.every((cell) => cell !== '')).toBe(true)
    const named = cells.flatMap(quoted).filter((name) => /^[A-Z]+_[A-Z_]+$/.test(name))
    expect(settings).toEqual(expect.arrayContaining(named))
  }
})
