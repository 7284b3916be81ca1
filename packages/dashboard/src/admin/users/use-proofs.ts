import { useUzima } from '@uzima/client/react'
import type { Revocation } from '@uzima/contracts'
import { useCallback, useState } from 'react'
import { usePolled, type Polled } from '../use-polled.js'
import { isOpen } from './proof.js'

const SHOWN = 20
/** While answers come in, a person watches. */
const SOON_MS = 400
const LATER_MS = 5_000

/** Gives the newest proofs of one user, quickly while answers of servers are still coming in. */
export const useProofs = (userId: string): Polled<readonly Revocation[]> => {
  const { rest } = useUzima()
  const [everyMs, setEveryMs] = useState(LATER_MS)
  const read = useCallback(async () => {
    const { revocations } = await rest.revocations({ userId, limit: SHOWN })
    // Of the others nothing changes any more.
    setEveryMs(revocations.slice(0, 3).some(isOpen) ? SOON_MS : LATER_MS)
    return revocations
  }, [rest, userId])
  return usePolled(read, everyMs)
}
