/** Whether this is `npm run test:long`, which has the machine for itself. */
export const isLongRun = process.env['UZIMA_TEST_LONG'] === '1'

/** How often a test repeats what it leaves to chance: `few` times in every run, `many` in the long one. */
export const times = (few: number, many: number): number => (isLongRun ? many : few)

/**
 * Holds a time against its bound in the long run. In every other one a time says how busy the machine was, so there the
 * test shows the same by an order of events.
 *
 * @throws in the long run where it took longer
 */
export const expectWithin = (boundMs: number, tookMs: number, what: string): void => {
  if (!isLongRun || tookMs < boundMs) return
  throw new Error(`${what} took ${tookMs.toFixed(0)} ms of at most ${boundMs.toString()} ms.`)
}
