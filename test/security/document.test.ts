import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

/** `path/of.test.ts`: _title_, over the line's end too. */
const PROOF = /`([\w./-]+\.test\.ts)`: _([^_]+(?:_[^_\s][^_]*)*)_(?=\s|$)/g

const text = readFileSync('SECURITY.md', 'utf8')
const proofs = [...text.matchAll(PROOF)].map(([, file = '', title = '']) => ({ file, title }))

describe('SECURITY.md', () => {
  it('has a proof for each guarantee', () => {
    const guarantees = text
      .slice(text.indexOf('## Guaranteed'), text.indexOf('## Limits'))
      .split('\n')
      .filter((line) => line.startsWith('- '))
    expect(guarantees.length).toBeGreaterThan(30)
    expect(proofs).toHaveLength(guarantees.length)
  })

  it.each(proofs)('names a test that exists: $file, $title', ({ file, title }) => {
    expect(existsSync(file)).toBe(true)
    const source = readFileSync(file, 'utf8')
    expect([`'${title}'`, `"${title}"`, `\`${title}\``].some((name) => source.includes(name))).toBe(
      true,
    )
  })
})
