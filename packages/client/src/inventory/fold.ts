/** The text as people search for it: without accents, in small letters. */
export const fold = (text: string): string =>
  (NOT_ASCII.test(text) ? text.normalize('NFD').replaceAll(MARKS, '') : text).toLowerCase()

/** By which texts stand in the order that people expect, on every device alike: 125 mg before 500 mg, É beside E. */
export const orderKeyOf = (text: string): string =>
  fold(text).replaceAll(NUMBERS, (digits) => digits.padStart(NUMBER_WIDTH, '0'))

const NOT_ASCII = /[^\u0000-\u007f]/
const MARKS = /\p{Mn}/gu
const NUMBERS = /\d+/g
const NUMBER_WIDTH = 12
