import { useAlerts } from '@uzima/client/react'

const OPEN = { state: 'open' } as const

/** How many alerts nobody sees to yet. */
export const useOpenCount = (): number => useAlerts(OPEN).length
