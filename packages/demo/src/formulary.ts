import { analgesics, emergency, fluids, gastrointestinal } from './formulary/acute.js'
import { antibiotics } from './formulary/antibiotics.js'
import { cardiovascular, endocrine, neuropsychiatry, respiratory } from './formulary/chronic.js'
import { contraceptives, maternal, nutrition, vaccines } from './formulary/family.js'
import {
  antifungals,
  antimalarials,
  antiparasitics,
  antiretrovirals,
  antivirals,
  tuberculosis,
} from './formulary/infections.js'
import type { FormularyItem } from './formulary/item.js'
import { consumables, diagnostics } from './formulary/supplies.js'
import { dermatology, ophthalmic } from './formulary/topical.js'

export type { FormularyItem } from './formulary/item.js'

/**
 * What a primary care clinic with a maternity keeps: generic names, forms and strengths of the WHO
 * Model List of Essential Medicines with their ATC codes, and the supplies that go with them.
 * Thresholds are about two weeks of a clinic that sees 80 patients a day.
 *
 * @see https://list.essentialmeds.org
 */
export const formulary: readonly FormularyItem[] = [
  ...antibiotics,
  ...antimalarials,
  ...antiretrovirals,
  ...antivirals,
  ...tuberculosis,
  ...antifungals,
  ...antiparasitics,
  ...analgesics,
  ...cardiovascular,
  ...endocrine,
  ...respiratory,
  ...neuropsychiatry,
  ...gastrointestinal,
  ...maternal,
  ...contraceptives,
  ...vaccines,
  ...nutrition,
  ...fluids,
  ...emergency,
  ...dermatology,
  ...ophthalmic,
  ...diagnostics,
  ...consumables,
]
