import type { RestClient } from '@uzima/client'
import { useConnection, useUzima } from '@uzima/client/react'
import type { Movement as PastMovement } from '@uzima/contracts'
import { useEffect, useState } from 'react'

export interface History {
  /** Newest first. */
  readonly movements: readonly PastMovement[]
  /** Whether there is nothing older than what was read. */
  readonly complete: boolean
  readonly state: 'loading' | 'ready' | 'away'
}

const PAGE = 500
/** As far as a chart goes back at most: 2,000 movements. */
const MOST_PAGES = 4

const NOTHING: History = { movements: [], complete: false, state: 'loading' }

/** Reads what happened to the item since a moment, and the newest of it again each time the item changes. */
export const useHistory = (sku: string, version: number, since: number): History => {
  const { rest } = useUzima()
  const { phase } = useConnection()
  const [read, setRead] = useState<{ sku: string; history: History }>()
  const history = read?.sku === sku ? read.history : NOTHING

  useEffect(() => {
    let wanted = true
    readSince(rest, sku, since).then(
      (found) => {
        if (wanted) setRead({ sku, history: found })
      },
      () => {
        // The connection bar says why; what was read before stays.
        if (wanted) setRead((now) => ({ sku, history: { ...known(now, sku), state: 'away' } }))
      },
    )
    return () => {
      wanted = false
    }
    // A new connection, or another version of the item: read again.
  }, [rest, sku, since, version, phase])

  return history
}

const known = (read: { sku: string; history: History } | undefined, sku: string): History =>
  read?.sku === sku ? read.history : NOTHING

const readSince = async (rest: RestClient, sku: string, since: number): Promise<History> => {
  const movements: PastMovement[] = []
  let cursor: string | null | undefined
  for (let page = 0; page < MOST_PAGES && cursor !== null; page += 1) {
    const answer = await rest.inventory.movements(sku, {
      limit: PAGE,
      ...(cursor === undefined ? {} : { cursor }),
    })
    movements.push(...answer.movements)
    cursor = answer.nextCursor
    const oldest = movements.at(-1)
    if (oldest !== undefined && Date.parse(oldest.at) < since) break
  }
  return { movements, complete: cursor === null, state: 'ready' }
}
