import { useState } from 'react'

/** Something that a person has asked for and that takes a moment. */
export interface Action {
  readonly busy: boolean
  /** Why the last try failed; undefined where it did not. */
  readonly error: unknown
  /** Does it, unless it is under way. */
  readonly run: (work: () => Promise<void>) => void
}

export const useAction = (): Action => {
  const [state, setState] = useState<Omit<Action, 'run'>>({ busy: false, error: undefined })
  return {
    ...state,
    run: (work) => {
      if (state.busy) return
      setState({ busy: true, error: undefined })
      work().then(
        () => {
          setState({ busy: false, error: undefined })
        },
        (error: unknown) => {
          setState({ busy: false, error })
        },
      )
    },
  }
}
