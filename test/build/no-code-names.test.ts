import { Linter } from 'eslint'
import { describe, expect, it } from 'vitest'
import { ERRORS } from '@uzima/contracts'
// @ts-expect-error the linter's own rules are plain JavaScript, which no compiler project holds
import { noCodeNames } from '../../scripts/eslint-no-code-names.js'

const reportsOf = (code: string): number =>
  new Linter().verify(code, [
    { plugins: { uzima: { rules: { names: noCodeNames } } }, rules: { 'uzima/names': 'error' } },
  ]).length

describe('the rule on error codes', () => {
  it.each(Object.keys(ERRORS))('lets nothing decide by the name %s', (name) => {
    const decisions = [
      `if (error.code === '${name}') retry()`,
      `if ('${name}' !== error.code) retry()`,
      `switch (code) { case '${name}': retry() }`,
      `new Set(['${name}']).has(code)`,
      `code.startsWith('${name.split('_')[0] ?? ''}_')`,
    ]
    // Some codes are one word.
    const expected = name.includes('_') ? decisions : decisions.slice(0, 4)
    for (const decision of expected) expect([decision, reportsOf(decision)]).toEqual([decision, 1])
  })

  it('lets errors be made, told and recorded', () => {
    expect(
      reportsOf(`
        throw new AppError('AUTH_STALE')
        session.close('SERVER_DRAINING', { retryAfterMs: 5 })
        record({ outcome: 'closed', code: 'AUTH_STALE' })
        if (code === 'OTHER_THING') retry()
      `),
    ).toBe(0)
  })
})
