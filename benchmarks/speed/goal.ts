import type { Finding } from '../frame/figure.js'

/** A bound of the value, by definition of the goal. */
export type Bound = { readonly atMost: number } | { readonly atLeast: number }

/** A ratio beside its goal. */
export const goalOf = (figure: string, bound: Bound, value: number, digits = 2): Finding => ({
  figure,
  goal: 'atMost' in bound ? `<= ${bound.atMost.toFixed(digits)}` : `>= ${bound.atLeast.toString()}`,
  measured: value.toFixed(digits),
  met: 'atMost' in bound ? value <= bound.atMost : value >= bound.atLeast,
})
