import type { RestClient } from '@uzima/client'
import type { ConnectionAttempt } from '@uzima/contracts'
import { useCallback, useEffect, useRef, useState } from 'react'
import type { LogRequest } from './log-filters.js'

export interface LogPages {
  readonly attempts: readonly ConnectionAttempt[]
  readonly busy: boolean
  readonly error: unknown
  /** Reads the next page; undefined where this is all. */
  readonly more: (() => void) | undefined
}

interface State {
  readonly attempts: readonly ConnectionAttempt[]
  readonly nextCursor: string | null
  readonly busy: boolean
  readonly error: unknown
}

const PAGE = 100
const EMPTY: State = { attempts: [], nextCursor: null, busy: true, error: undefined }

/** Reads the log from its newest entry on, page by page as somebody asks for more; another request begins anew. */
export const useLogPages = (
  readPage: RestClient['connectionAttempts'],
  request: LogRequest,
): LogPages => {
  const [state, setState] = useState(EMPTY)
  // Answers to a question that is not asked any more are not shown.
  const asked = useRef(request)
  const read = useCallback(
    async (cursor: string | undefined): Promise<void> => {
      const isCurrent = (): boolean => asked.current === request
      try {
        const page = await readPage({
          ...request,
          limit: PAGE,
          ...(cursor === undefined ? {} : { cursor }),
        })
        if (!isCurrent()) return
        setState((before) => ({
          attempts: cursor === undefined ? page.attempts : [...before.attempts, ...page.attempts],
          nextCursor: page.nextCursor,
          busy: false,
          error: undefined,
        }))
      } catch (error) {
        if (isCurrent()) setState((before) => ({ ...before, busy: false, error }))
      }
    },
    [readPage, request],
  )
  useEffect(() => {
    asked.current = request
    setState(EMPTY)
    void read(undefined)
  }, [read, request])
  const { nextCursor } = state
  return {
    ...state,
    more:
      nextCursor === null
        ? undefined
        : () => {
            setState((before) => ({ ...before, busy: true, error: undefined }))
            void read(nextCursor)
          },
  }
}
