import { useConnection, useStock } from '@uzima/client/react'
import type { ReactElement } from 'react'
import { useLowCount } from './use-low-count.js'

/** Every item with its total, and how up to date that is. Nothing here asks the server. */
export const Stock = (): ReactElement => {
  const { synced, user } = useConnection()
  const items = useStock({ sort: 'sku' })
  const low = useLowCount()
  return (
    <main>
      <p role="status">
        {user?.username ?? 'nobody'}, {synced ? 'live' : 'not up to date'}, {low} low
      </p>
      <ul>
        {items.map(({ sku, name, totalQuantity }) => (
          <li key={sku}>
            {name}: {totalQuantity}
          </li>
        ))}
      </ul>
    </main>
  )
}
