import type { QueuedWrite } from '@uzima/client'
import { go } from '../shell/address.js'
import { useUser } from '../session/use-session.js'
import { itemHref } from '../stock/item-href.js'
import { draftName, EMPTY_DRAFT, type MovementDraft } from './draft.js'
import { useDrafts } from './use-draft.js'

/** Opens the form of a refused movement again, with what was in it. */
export const useChangeRefused = (): ((write: QueuedWrite) => void) => {
  const drafts = useDrafts()
  const { userId } = useUser()
  return ({ movement }) => {
    const { kind, sku } = movement
    drafts.write(userId, draftName(sku), draftOf(movement))
    go(itemHref(sku, { do: kind }))
  }
}

const draftOf = (movement: QueuedWrite['movement']): MovementDraft => ({
  ...EMPTY_DRAFT,
  // What was counted before must be counted again, not corrected.
  quantity: movement.kind === 'count' ? '' : movement.quantity.toString(),
  reason: movement.reason ?? '',
  ...('lotNumber' in movement ? { lotNumber: movement.lotNumber } : {}),
  ...('expiryDate' in movement ? { expiryDate: movement.expiryDate } : {}),
})
