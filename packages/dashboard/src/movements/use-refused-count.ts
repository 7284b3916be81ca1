import { useWrites } from '@uzima/client/react'

/** How many movements wait for a decision of this person. */
export const useRefusedCount = (): number =>
  useWrites().filter(({ state }) => state === 'refused').length
