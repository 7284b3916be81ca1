import type { Movement } from '@uzima/client'
import type { Movement as PastMovement } from '@uzima/contracts'

/**
 * Gives the movements that take a past one back, one for each lot it touched. Nothing is erased: both stay in the history,
 * the second with `reason`. Empty for what moved nothing, such as a lot that expired.
 */
export const counterMovements = (
  sku: string,
  { type, lots }: Pick<PastMovement, 'type' | 'lots'>,
  reason: string,
): Movement[] =>
  lots
    .filter(({ delta }) => delta !== 0)
    .map(({ lotNumber, expiryDate, delta, before, after }): Movement => {
      // What was counted may be taken back only while it still stands.
      if (type === 'adjusted') {
        return { kind: 'count', sku, lotNumber, quantity: before, expected: after, reason }
      }
      return delta > 0
        ? { kind: 'dispose', sku, lotNumber, quantity: delta, reason }
        : { kind: 'receive', sku, lotNumber, quantity: -delta, expiryDate, reason }
    })

/** The reason of a counter-movement: names what it takes back, for people and for `undoneIds`. */
export const undoReason = ({ id }: Pick<PastMovement, 'id'>, text: string): string =>
  `${SIGN}${id}: ${text}`

const SIGN = '↩ #'

/** The ids of the movements that others in this history have taken back. */
export const undoneIds = (history: readonly PastMovement[]): ReadonlySet<string> =>
  new Set(
    history.flatMap(({ reason }) => {
      const id = reason?.startsWith(SIGN) === true ? /^\d+/.exec(reason.slice(SIGN.length)) : null
      return id === null ? [] : [id[0]]
    }),
  )

/** Whether a movement takes another one back. */
export const isCounter = ({ reason }: Pick<PastMovement, 'reason'>): boolean =>
  reason?.startsWith(SIGN) ?? false
