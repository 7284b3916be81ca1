import { useUzima } from '@uzima/client/react'
import type { User } from '@uzima/contracts'
import { useCallback } from 'react'
import { usePolled, type Polled } from '../use-polled.js'

const EVERY_MS = 15_000
const PAGE = 500

/** Gives all accounts, by name, as they are within 15 s. */
export const useUsers = (): Polled<readonly User[]> => {
  const { rest } = useUzima()
  const read = useCallback(async () => {
    const users: User[] = []
    let cursor: string | null | undefined
    do {
      const page = await rest.users.list({ limit: PAGE, ...(cursor ? { cursor } : {}) })
      users.push(...page.users)
      cursor = page.nextCursor
    } while (cursor !== null)
    return users
  }, [rest])
  return usePolled(read, EVERY_MS)
}
