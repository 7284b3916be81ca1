import { createItemSchema } from '@uzima/contracts'
import { describe, expect, it } from 'vitest'
import { formulary } from '../src/formulary.js'

const SUPPLIES = new Set(['diagnostics', 'medical supplies'])
const medicines = formulary.filter(({ category }) => !SUPPLIES.has(category))

describe('formulary', () => {
  it('holds at least 170 medicines and supplies', () => {
    expect(formulary.length).toBeGreaterThanOrEqual(170)
    expect(new Set(formulary.map(({ category }) => category)).size).toBeGreaterThanOrEqual(15)
  })

  it('gives every item its own sku and its own name', () => {
    expect(repeated(formulary.map(({ sku }) => sku))).toEqual([])
    expect(repeated(formulary.map(({ name }) => name))).toEqual([])
  })

  it('could be entered through the API as it stands', () => {
    for (const item of formulary) expect(createItemSchema.parse(item)).toEqual(item)
  })

  it('gives every medicine a fifth-level ATC code but the two that WHO gives none', () => {
    const without = medicines.filter(({ metadata }) => metadata.atc === undefined)
    expect(without.map(({ sku }) => sku).sort()).toEqual(['ORS-PWD-20.5', 'WATR-INJ-10'])
    for (const { metadata } of medicines) {
      if (metadata.atc !== undefined)
        expect(metadata.atc).toMatch(/^[A-DGHJL-NPRSV]\d{2}[A-Z]{2}\d{2}$/)
    }
  })

  it('gives supplies no ATC code', () => {
    for (const item of formulary) {
      if (SUPPLIES.has(item.category)) expect(item.metadata).not.toHaveProperty('atc')
    }
  })

  it('uses one ATC code for one substance, whatever its salt', () => {
    const substancesByAtc = new Map<string, Set<string>>()
    for (const { metadata } of medicines) {
      if (metadata.atc === undefined) continue
      const [firstWord = ''] = metadata.genericName.split(/[ ,]/)
      substancesByAtc.set(
        metadata.atc,
        (substancesByAtc.get(metadata.atc) ?? new Set()).add(firstWord),
      )
    }
    const shared = [...substancesByAtc].filter(([, substances]) => substances.size > 1)
    expect(shared).toEqual([])
  })

  it('has a threshold above zero for every item', () => {
    expect(formulary.filter(({ threshold }) => threshold < 1)).toEqual([])
  })
})

const repeated = (values: readonly string[]): string[] => {
  return values.filter((value, index) => values.indexOf(value) !== index)
}
