/** The text as people search for it: without accents, in small letters. */
export const fold = (text: string): string =>
  text.normalize('NFD').replaceAll(MARKS, '').toLowerCase()

const MARKS = /\p{Mn}/gu
