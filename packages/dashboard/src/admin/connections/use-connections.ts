import { useUzima } from '@uzima/client/react'
import type { ConnectionsPage } from '@uzima/contracts'
import { useCallback } from 'react'
import { usePolled, type Polled } from '../use-polled.js'

const EVERY_MS = 5_000

/** Gives who is connected, over all servers, as of a few seconds ago. */
export const useConnections = (): Polled<ConnectionsPage> => {
  const { rest } = useUzima()
  return usePolled(
    useCallback(() => rest.connections(), [rest]),
    EVERY_MS,
  )
}
