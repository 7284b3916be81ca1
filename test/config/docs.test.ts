import { readFile } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { generatedDocs } from '../../scripts/generate-docs.js'
import { SETTINGS } from '../../src/config/schema.js'
import type { Setting } from '../../src/config/setting.js'

it('keeps the generated documents in sync with their sources', async () => {
  for (const [path, text] of Object.entries(await generatedDocs())) {
    expect(await readFile(path, 'utf8'), `${path}: run npm run docs`).toBe(text)
  }
})

it.each(Object.values<Setting>(SETTINGS))(
  'says of $variable in one sentence what happens without it',
  ({ meaning }) => {
    expect(meaning).toMatch(/left out/i)
    expect(meaning).toMatch(/^[^.].*[^.]\.$/)
  },
)

it.each(Object.values<Setting>(SETTINGS).filter((setting) => setting.default !== undefined))(
  'accepts its own default and example of $variable',
  ({ parse, default: byDefault, production, example }) => {
    for (const text of [byDefault, production, example]) {
      if (text !== undefined) expect(() => parse(text)).not.toThrow()
    }
  },
)
