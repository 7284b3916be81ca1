import { hash } from 'node:crypto'
import { leafHash, type Hash } from './merkle.js'

/** What a row of evidence says in the open: its kind, its ref, then the fields of its kind in their order. */
export type Fields = readonly (string | number | boolean | null)[]
/** What it says about people in free text: names, reasons, notes. Null where one is missing. */
export type Texts = readonly (string | null)[]

/** Whether there is anything that a salt has to protect. */
export const hasTexts = (texts: Texts): boolean => texts.some((text) => text !== null)

/**
 * What stands for the texts in the leaf: SHA-256, in hexadecimal digits, over the salt in hexadecimal digits and the texts as a
 * JSON array. Without the salt nobody can find them out by trying.
 */
export const textsHash = (salt: string, texts: Texts): string =>
  hash('sha256', salt + JSON.stringify(texts))

/** The leaf: kind, ref, fields and what stands for the texts (null where there are none) as one JSON array without blanks. */
export const leafOf = (row: Fields, texts: string | null): Hash =>
  leafHash(JSON.stringify([...row, texts]))
