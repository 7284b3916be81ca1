import type { Label } from '../scan/gs1-elements.js'
import type { MovementDraft } from './draft.js'

/** A field in which something else stands than on the label. */
export interface Difference {
  readonly field: 'lotNumber' | 'expiryDate'
  readonly typed: string
  readonly scanned: string
}

export interface Filled {
  readonly draft: MovementDraft
  /** For the person to decide: what stood there stays until then. */
  readonly differences: readonly Difference[]
}

/** Fills what is empty from a label. What the label does not say stays, and so does what was typed differently. */
export const fillFromLabel = (draft: MovementDraft, label: Label): Filled => {
  const told: Partial<MovementDraft> = {
    ...(label.lot === null ? {} : { lotNumber: label.lot }),
    ...(label.expiry === null ? {} : { expiryDate: label.expiry }),
  }
  const differences = (['lotNumber', 'expiryDate'] as const).flatMap((field): Difference[] => {
    const typed = draft[field].trim()
    const scanned = told[field]
    return scanned === undefined || typed === '' || typed === scanned
      ? []
      : [{ field, typed, scanned }]
  })
  const differing = new Set<string>(differences.map(({ field }) => field))
  const empty = Object.entries(told).filter(([field]) => !differing.has(field))
  return { draft: { ...draft, ...Object.fromEntries(empty) }, differences }
}
