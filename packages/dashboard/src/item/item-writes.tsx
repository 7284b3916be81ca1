import { useWrites } from '@uzima/client/react'
import type { Item } from '@uzima/contracts'
import type { ReactNode } from 'react'
import { useChangeRefused } from '../movements/use-change-refused.js'
import { WriteRow } from '../movements/write-row.js'

/** Long enough to see a slip of the hand, and to take it back at once. */
const JUST_BOOKED_MS = 600_000

/** This device's movements of the item: those on their way or refused, and the last one that arrived. */
export const ItemWrites = ({ item }: { readonly item: Item }): ReactNode => {
  const change = useChangeRefused()
  const mine = useWrites().filter(({ movement }) => movement.sku === item.sku)
  const open = mine.filter(({ state }) => state !== 'accepted' && state !== 'closed')
  const last = mine.findLast(
    ({ state, madeAt }) => state === 'accepted' && Date.now() - madeAt < JUST_BOOKED_MS,
  )
  const shown = last === undefined ? open : [...open, last]
  if (shown.length === 0) return null
  return (
    <div className="stack-tight" role="status">
      {shown.map((write) => (
        <WriteRow key={write.id} write={write} onChange={change} />
      ))}
    </div>
  )
}
