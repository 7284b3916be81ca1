import { useUzima } from '@uzima/client/react'
import type { OwnBreakGlass } from '@uzima/contracts'
import { useEffect, useState } from 'react'
import { useUser } from '../session/use-session.js'

/** What the person may take, and has taken; read again when the roles change. Undefined while it is not known. */
export const useOwn = (isAsked: boolean): OwnBreakGlass | undefined => {
  const { rest } = useUzima()
  const { roles } = useUser()
  const key = roles.join()
  const [own, setOwn] = useState<OwnBreakGlass>()
  useEffect(() => {
    let isOver = false
    const set = (next: OwnBreakGlass | undefined): void => {
      if (!isOver) setOwn(next)
    }
    if (isAsked) {
      // Without an answer nothing is offered; the menu asks again when it is opened.
      rest.breakGlass.own().then(set, () => {
        set(undefined)
      })
    } else set(undefined)
    return () => {
      isOver = true
    }
  }, [rest, key, isAsked])
  return own
}
