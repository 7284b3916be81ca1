import { useConnection, useUzima } from '@uzima/client/react'
import { useEffect, useState } from 'react'
import type { Usage } from './usage.js'

/** It moves slowly, and costs the server a look at every item. */
const EVERY_MS = 300_000

/** What was given out lately, by sku; undefined until it was read. Of one item, or of all. */
export const useConsumption = (sku?: string): ReadonlyMap<string, Usage> | undefined => {
  const { rest } = useUzima()
  const { phase } = useConnection()
  const [usageBySku, setUsageBySku] = useState<ReadonlyMap<string, Usage>>()

  useEffect(() => {
    let wanted = true
    const read = (): void => {
      rest.inventory.consumption(sku === undefined ? {} : { sku }).then(
        ({ items }) => {
          if (wanted) setUsageBySku(new Map(items.map((item) => [item.sku, item])))
        },
        () => {
          // Without a connection the last rate is still the best there is.
        },
      )
    }
    read()
    const timer = setInterval(read, EVERY_MS)
    return () => {
      wanted = false
      clearInterval(timer)
    }
  }, [rest, sku, phase])

  return usageBySku
}
