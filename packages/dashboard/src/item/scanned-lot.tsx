import type { Item } from '@uzima/contracts'
import { useEffect, type ReactNode } from 'react'
import { useWords } from '../i18n/use-words.js'
import { draftName, EMPTY_DRAFT, type MovementKind } from '../movements/draft.js'
import { movementWords } from '../movements/movement-words.js'
import { useDrafts } from '../movements/use-draft.js'
import { useScanHub } from '../scan/scan-hub.js'
import { useUser } from '../session/use-session.js'
import { useAddress } from '../shell/address.js'
import { Banner } from '../ui/banner.js'
import { Button } from '../ui/button.js'
import { itemWords } from './item-words.js'

interface ScannedLotProps {
  readonly item: Item
  /** Undefined where the person may not move stock. */
  readonly onOpen: ((kind: MovementKind) => void) | undefined
}

/**
 * What a scanned label says of this item. A lot that is not here opens the receipt, which it fills in; one that is here is
 * told with what can be done about it, and an expired one with its write-off.
 */
export const ScannedLot = ({ item, onOpen }: ScannedLotProps): ReactNode => {
  const words = useWords(itemWords)
  const moves = useWords(movementWords)
  const drafts = useDrafts()
  const { userId } = useUser()
  const { scanned } = useScanHub()
  const { query } = useAddress()
  const label = scanned?.sku === item.sku ? scanned.label : null
  const lotNumber = label?.lot ?? null
  const lot = item.lots.find((held) => held.lotNumber === lotNumber)
  const isNew = label !== null && lot === undefined && (lotNumber ?? label.expiry) !== null
  const isFormOpen = query.has('do')

  useEffect(() => {
    if (isNew && !isFormOpen) onOpen?.('receive')
    // When a label comes, not when the form that it opened is closed.
  }, [label])

  if (lotNumber === null || isFormOpen) return null
  if (lot === undefined) {
    return (
      <Banner kind="info" role="status" title={words.scanned}>
        {words.scannedNew(lotNumber)}
      </Banner>
    )
  }
  const openFor = (kind: MovementKind): void => {
    drafts.write(userId, draftName(item.sku), { ...EMPTY_DRAFT, lotNumber: lot.lotNumber })
    onOpen?.(kind)
  }
  const kinds: readonly MovementKind[] = lot.expired ? ['dispose'] : ['receive', 'dispose', 'count']
  return (
    <Banner kind={lot.expired ? 'error' : 'info'} role="status" title={words.scanned}>
      <p>
        {lot.expired
          ? words.scannedExpired(lot.lotNumber)
          : words.scannedLot(lot.lotNumber, lot.quantity)}
      </p>
      {onOpen !== undefined && (
        <div className="row">
          {kinds.map((kind) => (
            <Button
              key={kind}
              onClick={() => {
                openFor(kind)
              }}
            >
              {moves.kinds[kind]}
            </Button>
          ))}
        </div>
      )}
    </Banner>
  )
}
