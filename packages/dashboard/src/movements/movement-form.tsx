import type { QueuedWrite } from '@uzima/client'
import { useUzima } from '@uzima/client/react'
import type { Item } from '@uzima/contracts'
import { useRef, useState, type ReactElement } from 'react'
import { useFormat, useWords } from '../i18n/use-words.js'
import { daysUntil } from '../i18n/format.js'
import { useNow } from '../shell/use-now.js'
import { Button } from '../ui/button.js'
import { QuantityField, SelectField, TextField } from '../ui/field.js'
import {
  checkDraft,
  EMPTY_DRAFT,
  FIELDS_OF,
  type DraftField,
  type MovementDraft,
  type MovementKind,
} from './draft.js'
import { movementWords } from './movement-words.js'
import { focusFirstProblem, nextFieldOnEnter } from './next-field.js'
import { useAttempt } from './use-attempt.js'
import type { Draft } from './use-draft.js'

interface MovementFormProps {
  readonly item: Item
  readonly kind: MovementKind
  readonly draft: Draft<MovementDraft>
  readonly onBooked: (write: QueuedWrite) => void
}

/** The form of one movement: the keyboard is enough, and what is typed stays until it is booked. */
export const MovementForm = ({ item, kind, draft, onBooked }: MovementFormProps): ReactElement => {
  const words = useWords(movementWords)
  const { writes } = useUzima()
  const form = useRef<HTMLFormElement>(null)
  const [tried, setTried] = useState(false)
  const { busy, failure, attempt } = useAttempt()
  const value = draft.value ?? EMPTY_DRAFT
  const checked = checkDraft(kind, value, item)
  const problems = tried && !checked.ok ? checked.problems : {}

  const book = (): void => {
    setTried(true)
    if (!checked.ok) {
      focusFirstProblem(form.current)
      return
    }
    const { movement } = checked
    attempt(async () => {
      const write = await writes.add(movement)
      draft.clear()
      setTried(false)
      onBooked(write)
    })
  }

  return (
    <form
      ref={form}
      className="stack"
      noValidate
      onKeyDown={nextFieldOnEnter}
      onSubmit={(event) => {
        event.preventDefault()
        book()
      }}
    >
      {FIELDS_OF[kind].map((field) => (
        <MovementField
          key={field}
          item={item}
          kind={kind}
          field={field}
          value={value}
          error={problems[field] === undefined ? undefined : words.problems[problems[field]]}
          onValue={(text) => {
            draft.change((before) => ({ ...before, [field]: text }))
          }}
        />
      ))}
      {failure}
      <div className="stack-tight">
        <Button type="submit" kind="primary" wide busy={busy} aria-keyshortcuts="Control+Enter">
          {words.book[kind]}
        </Button>
        <p className="small muted keys-hint">{words.keys}</p>
      </div>
    </form>
  )
}

interface MovementFieldProps {
  readonly item: Item
  readonly kind: MovementKind
  readonly field: DraftField
  readonly value: MovementDraft
  readonly error: string | undefined
  readonly onValue: (text: string) => void
}

const MovementField = (props: MovementFieldProps): ReactElement => {
  const { item, kind, field, value, error, onValue } = props
  const words = useWords(movementWords)
  const { compare } = useFormat()
  const known = item.lots.find(({ lotNumber }) => lotNumber === value.lotNumber.trim())
  const hint = useHint(props)
  const label = words.fields[field]
  const common = { error, hint, onValue }
  switch (field) {
    case 'lotNumber':
      return kind === 'receive' ? (
        <TextField
          {...common}
          label={label}
          value={value.lotNumber}
          maxLength={64}
          autoCapitalize="characters"
          spellCheck={false}
          data-field={field}
        />
      ) : (
        <LotField {...common} label={label} item={item} kind={kind} value={value.lotNumber} />
      )
    case 'quantity':
      return (
        <QuantityField
          {...common}
          label={labelOfQuantity(words, kind, item.unit)}
          zero={kind === 'count'}
          value={value.quantity}
          data-field={field}
        />
      )
    case 'expiryDate':
      return (
        <TextField
          {...common}
          label={label}
          type="date"
          value={value.expiryDate === '' ? (known?.expiryDate ?? '') : value.expiryDate}
          data-field={field}
        />
      )
    case 'reason': {
      const isNeeded = kind === 'dispose' || kind === 'count'
      return (
        <>
          <TextField
            {...common}
            label={isNeeded ? label : words.optional(label)}
            value={value.reason}
            maxLength={500}
            data-field={field}
          />
          {kind === 'dispose' && (
            <div className="chips">
              {words.reasons.toSorted(compare).map((reason) => (
                <button
                  key={reason}
                  type="button"
                  className="chip"
                  aria-pressed={value.reason === reason}
                  onClick={() => {
                    onValue(reason)
                  }}
                >
                  {reason}
                </button>
              ))}
            </div>
          )}
        </>
      )
    }
  }
}

const labelOfQuantity = (
  words: {
    readonly counted: string
    readonly fields: { readonly quantity: string }
    readonly quantityIn: (unit: string) => string
  },
  kind: MovementKind,
  unit: string | null,
): string => {
  if (kind === 'count') return words.counted
  return unit === null ? words.fields.quantity : words.quantityIn(unit)
}

/** What helps while the field is filled in: what is left, what the lot holds, that it is here already. */
const useHint = ({ item, kind, field, value }: MovementFieldProps): string | undefined => {
  const words = useWords(movementWords)
  const now = useNow(60_000)
  const known = item.lots.find(({ lotNumber }) => lotNumber === value.lotNumber.trim())
  const asked = Number(value.quantity)
  if (field === 'quantity') {
    if (kind === 'consume') {
      return asked > item.usableQuantity
        ? words.short(item.usableQuantity, asked)
        : words.left(item.usableQuantity)
    }
    // Nobody who counts may be told what there should be.
    return kind === 'dispose' && known !== undefined ? words.inLot(known.quantity) : undefined
  }
  if (kind !== 'receive') return undefined
  if (field === 'lotNumber') return known === undefined ? undefined : words.knownLot
  const hasPassed = value.expiryDate !== '' && daysUntil(value.expiryDate, now) < 0
  return field === 'expiryDate' && hasPassed ? words.passedDate : undefined
}

interface LotFieldProps {
  readonly item: Item
  readonly kind: MovementKind
  readonly label: string
  readonly value: string
  readonly hint: string | undefined
  readonly error: string | undefined
  readonly onValue: (lotNumber: string) => void
}

/** The lots that are here; a count does not tell how much each is said to hold. */
const LotField = ({ item, kind, value, ...rest }: LotFieldProps): ReactElement => {
  const words = useWords(movementWords)
  const format = useFormat()
  const shown = item.lots.filter((lot) => lot.quantity > 0 || lot.lotNumber === value)
  return (
    <SelectField
      {...rest}
      value={value}
      data-field="lotNumber"
      options={[
        { value: '', label: words.chooseLot },
        ...shown.map(({ lotNumber, quantity, expiryDate, expired }) => ({
          value: lotNumber,
          label:
            kind === 'count'
              ? words.readAs(lotNumber, format.day(expiryDate))
              : (expired ? words.expiredLotOption : words.lotOption)(
                  lotNumber,
                  quantity,
                  expiryDate,
                ),
        })),
      ]}
    />
  )
}
