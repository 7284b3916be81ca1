import fc from 'fast-check'

/** What may happen to the refresh tokens of one session: its owner and a thief act by turns. */
export type Step =
  /** The owner shows the newest token that he has got, `times` times at once; the answers arrive, or are lost. */
  | { readonly kind: 'owner'; readonly times: 1 | 2; readonly isLost: boolean }
  /** The thief copies what the owner would show next. */
  | { readonly kind: 'steal' }
  /** The thief shows the newest of what he copied and got, or the one before. */
  | { readonly kind: 'thief'; readonly isOlder: boolean; readonly isLost: boolean }
  /** The time in which a used token may come again passes. */
  | { readonly kind: 'wait' }
  /** An administrator ends all that the user has. */
  | { readonly kind: 'revoke' }

export const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({
      kind: fc.constant('owner' as const),
      times: fc.constantFrom(1 as const, 1 as const, 2 as const),
      isLost: fc.boolean(),
    }),
  },
  { weight: 4, arbitrary: fc.constant({ kind: 'steal' } as const) },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('thief' as const),
      isOlder: fc.boolean(),
      isLost: fc.boolean(),
    }),
  },
  { weight: 2, arbitrary: fc.constant({ kind: 'wait' } as const) },
  { weight: 1, arbitrary: fc.constant({ kind: 'revoke' } as const) },
)

/** A session's tokens as they should be, by any name that the caller gives them. */
export interface Model {
  isOver: boolean
  /** The one token that was never shown and was not taken back. */
  fresh: string
  /** What `fresh` was given for, while that may come again. */
  before: string | undefined
  retried: number
}

/** Shows `token`: `undefined` where it is refused, else what to call with the name of what is given for it. */
export const show = (model: Model, token: string): ((given: string) => void) | undefined => {
  if (model.isOver) return undefined
  if (token !== model.fresh && token !== model.before) {
    model.isOver = true
    return undefined
  }
  if (token === model.before) model.retried += 1
  return (given) => {
    model.fresh = given
    model.before = token
  }
}
