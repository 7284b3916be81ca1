import { useConnection } from '@uzima/client/react'
import type { Role } from '@uzima/contracts/values'
import { useEffect } from 'react'
import { viewsOf } from './navigation.js'

/** What one waits for on a slow network comes first. */
const STOCK_COMES_FIRST_MS = 1_000

/** Loads every view that somebody with `roles` can go to, once the stock is there: when one goes there may be no network. */
export const useViewsAhead = (roles: readonly Role[]): void => {
  const { synced } = useConnection()
  useEffect(() => {
    if (!synced) return undefined
    const timer = setTimeout(() => void loadAll(roles), STOCK_COMES_FIRST_MS)
    return () => {
      clearTimeout(timer)
    }
  }, [roles, synced])
}

/** One after the other: nobody waits for them. */
const loadAll = async (roles: readonly Role[]): Promise<void> => {
  for (const { load, loadInside } of viewsOf(roles)) {
    // It is asked for again over the next connection and when it is opened, and what is wrong is told there.
    await Promise.all([load(), loadInside?.()]).catch(() => undefined)
  }
}
