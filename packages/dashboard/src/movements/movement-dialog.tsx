import type { QueuedWrite } from '@uzima/client'
import type { Item } from '@uzima/contracts'
import { useEffect, useRef, useState, type ReactElement } from 'react'
import { commonWords } from '../i18n/common-words.js'
import { useFormat, useWords } from '../i18n/use-words.js'
import type { Label } from '../scan/gs1-elements.js'
import { useScanHub, useScans } from '../scan/scan-hub.js'
import { Banner } from '../ui/banner.js'
import { Button } from '../ui/button.js'
import { Dialog } from '../ui/dialog.js'
import { Spinner } from '../ui/surfaces.js'
import { draftName, EMPTY_DRAFT, isMovementDraft, type MovementKind } from './draft.js'
import { fillFromLabel, type Difference } from './fill.js'
import { MovementForm } from './movement-form.js'
import { movementWords } from './movement-words.js'
import { useDraft } from './use-draft.js'

interface MovementDialogProps {
  readonly item: Item
  readonly kind: MovementKind
  readonly onClose: () => void
  readonly onBooked: (write: QueuedWrite) => void
}

/** The form of a movement over its item; a label that is scanned meanwhile fills it in. */
export const MovementDialog = (props: MovementDialogProps): ReactElement => {
  const { item, kind, onClose, onBooked } = props
  const words = useWords(movementWords)
  const { loading } = useWords(commonWords)
  const draft = useDraft(draftName(item.sku), EMPTY_DRAFT, isMovementDraft)
  const body = useRef<HTMLDivElement>(null)
  const { scanned, remember } = useScanHub()
  const [differences, setDifferences] = useState<readonly Difference[]>([])
  const [otherwise, setOtherwise] = useState<readonly Label[]>([])
  const isReady = draft.value !== undefined
  const { change } = draft

  const focusField = (field: string): void => {
    body.current?.querySelector<HTMLElement>(`[data-field=${field}]`)?.focus()
  }

  // Scans of this item are for this form, whatever field has the focus; the label comes by way of `scanned`.
  useScans((match) => match.kind === 'item' && match.item.sku === item.sku)

  useEffect(() => {
    if (!isReady || scanned?.sku !== item.sku) return
    change((before) => {
      const filled = fillFromLabel(before, scanned.label)
      setDifferences(filled.differences)
      return filled.draft
    })
    setOtherwise(scanned.otherwise)
    remember(null)
    requestAnimationFrame(() => {
      focusField('quantity')
    })
  }, [isReady, scanned, item.sku, change, remember])

  useEffect(() => {
    if (!isReady) return
    const first = body.current?.querySelector<HTMLElement>('[data-field]')
    if (!(document.activeElement instanceof HTMLInputElement)) first?.focus()
  }, [isReady])

  return (
    <Dialog title={words.titleOf(words.kinds[kind], item.name)} onClose={onClose}>
      <div ref={body} className="stack">
        {differences.map((difference) => (
          <LabelDiffers
            key={difference.field}
            difference={difference}
            onDecide={(value) => {
              change((before) => ({ ...before, [difference.field]: value }))
              setDifferences((now) => now.filter(({ field }) => field !== difference.field))
              focusField('quantity')
            }}
          />
        ))}
        {otherwise.length > 0 && (
          <OtherReadings
            labels={otherwise}
            onChoose={({ lot, expiry }) => {
              change((before) => ({
                ...before,
                lotNumber: lot ?? before.lotNumber,
                expiryDate: expiry ?? before.expiryDate,
              }))
              setOtherwise([])
              focusField('quantity')
            }}
          />
        )}
        {isReady ? (
          <MovementForm item={item} kind={kind} draft={draft} onBooked={onBooked} />
        ) : (
          <Spinner label={loading} />
        )}
      </div>
    </Dialog>
  )
}

interface LabelDiffersProps {
  readonly difference: Difference
  readonly onDecide: (value: string) => void
}

const LabelDiffers = ({ difference, onDecide }: LabelDiffersProps): ReactElement => {
  const words = useWords(movementWords)
  const format = useFormat()
  const { field, typed, scanned } = difference
  const shown = (text: string): string => (field === 'expiryDate' ? format.day(text) : text)
  return (
    <Banner kind="warn" role="alert" title={words.differs}>
      <p>{words.differsLine(words.fields[field], shown(typed), shown(scanned))}</p>
      <div className="row">
        <Button
          onClick={() => {
            onDecide(scanned)
          }}
        >
          {words.takeLabel}
        </Button>
        <Button
          onClick={() => {
            onDecide(typed)
          }}
        >
          {words.keepMine}
        </Button>
      </div>
    </Banner>
  )
}

interface OtherReadingsProps {
  readonly labels: readonly Label[]
  readonly onChoose: (label: Label) => void
}

const OtherReadings = ({ labels, onChoose }: OtherReadingsProps): ReactElement => {
  const words = useWords(movementWords)
  const format = useFormat()
  return (
    <Banner kind="warn" role="alert" title={words.doubt}>
      <div className="row">
        {labels.map((label) => (
          <Button
            key={JSON.stringify(label)}
            onClick={() => {
              onChoose(label)
            }}
          >
            {words.readAs(
              label.lot ?? '–',
              label.expiry === null ? words.noExpiry : format.day(label.expiry),
            )}
          </Button>
        ))}
      </div>
    </Banner>
  )
}
