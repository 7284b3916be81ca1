/** One thing the clinic keeps, with what its label says; `threshold` is in `unit`s. */
export interface FormularyItem {
  readonly sku: string
  /** Generic name, strength and form, as a pharmacist would read it out. */
  readonly name: string
  readonly category: string
  /** What one piece of stock is: a tablet, an ampoule, a pair of gloves. */
  readonly unit: string
  readonly threshold: number
  readonly metadata: FormularyMetadata
}

/** The label of an item; kept as the item's JSON metadata. */
export interface FormularyMetadata {
  readonly genericName: string
  readonly form: string
  readonly strength: string
  /** WHO ATC code of the fifth level; absent for supplies and where WHO assigns none. */
  readonly atc?: string
  /** WHO AWaRe group, for antibiotics. */
  readonly aware?: 'access' | 'watch' | 'reserve'
  readonly storage?: '2-8 °C'
  /** Kept under lock and counted in a register. */
  readonly controlled?: true
}

/** What a row may add to its label, and the unit where the form does not tell it. */
export interface RowNotes {
  readonly unit?: string
  readonly aware?: 'access' | 'watch' | 'reserve'
  readonly storage?: '2-8 °C'
  readonly controlled?: true
}

/** A medicine as one line of a table; `atc` is null where WHO assigns no fifth-level code. */
export type MedicineRow = readonly [
  sku: string,
  genericName: string,
  strength: string,
  form: DosageForm,
  atc: string | null,
  threshold: number,
  notes?: RowNotes,
]

/** A supply as one line of a table. */
export type SupplyRow = readonly [
  sku: string,
  name: string,
  size: string,
  form: string,
  unit: string,
  threshold: number,
]

/** A dosage form that `unitByForm` knows how to count. */
export type DosageForm = keyof typeof unitByForm

const unitByForm = {
  tablet: 'tablet',
  'chewable tablet': 'tablet',
  'dispersible tablet': 'tablet',
  'modified-release tablet': 'tablet',
  'sublingual tablet': 'tablet',
  'vaginal tablet': 'tablet',
  capsule: 'capsule',
  'oral solution': 'bottle',
  'oral suspension': 'bottle',
  'oral drops': 'bottle',
  'oral powder': 'sachet',
  suppository: 'suppository',
  'solution for injection': 'ampoule',
  'suspension for injection': 'vial',
  'powder for injection': 'vial',
  'prefilled syringe': 'syringe',
  'solution for infusion': 'bag',
  vaccine: 'dose',
  inhaler: 'inhaler',
  'nebuliser solution': 'ampoule',
  'inhalation liquid': 'bottle',
  'inhalation gas': 'cylinder',
  cream: 'tube',
  ointment: 'tube',
  gel: 'tube',
  lotion: 'bottle',
  'cutaneous solution': 'bottle',
  'eye drops': 'bottle',
  'eye ointment': 'tube',
  'ear drops': 'bottle',
  'transdermal patch': 'patch',
  implant: 'set',
  'intrauterine device': 'piece',
} as const satisfies Readonly<Record<string, string>>

/** Makes the items of one category of medicines from its table. */
export const medicines = (category: string, rows: readonly MedicineRow[]): FormularyItem[] => {
  return rows.map(([sku, genericName, strength, form, atc, threshold, notes = {}]) => {
    const { unit = unitByForm[form], ...labelNotes } = notes
    return {
      sku,
      name: `${genericName} ${strength} ${form}`,
      category,
      unit,
      threshold,
      metadata: { genericName, form, strength, ...(atc === null ? {} : { atc }), ...labelNotes },
    }
  })
}

/** Makes the items of one category of supplies from its table. */
export const supplies = (category: string, rows: readonly SupplyRow[]): FormularyItem[] => {
  return rows.map(([sku, name, size, form, unit, threshold]) => ({
    sku,
    name: `${name} ${size}`,
    category,
    unit,
    threshold,
    metadata: { genericName: name, form, strength: size },
  }))
}
