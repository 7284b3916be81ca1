import type { ReactElement } from 'react'
import { useFormat, useWords } from '../i18n/use-words.js'
import { Button } from '../ui/button.js'
import { QuantityField } from '../ui/field.js'
import { Mark } from '../ui/mark.js'
import type { CountEntry } from './count.js'
import { countWords } from './count-words.js'
import type { CountLine } from './shelf.js'

interface CountLineFormProps {
  readonly line: CountLine
  readonly entry: CountEntry | undefined
  readonly hasBack: boolean
  readonly onType: (typed: string) => void
  readonly onMove: (by: 1 | -1) => void
  readonly onDone: () => void
}

/** One lot and its number, large enough for a tired eye. */
export const CountLineForm = (props: CountLineFormProps): ReactElement => {
  const { line, entry, hasBack, onType, onMove, onDone } = props
  const words = useWords(countWords)
  const format = useFormat()
  const typed = entry?.typed ?? ''
  // What is on its way is booked; it is taken back in the history, not here.
  const isBooked = entry?.writeId !== undefined
  return (
    <form
      className="card count-card"
      onSubmit={(event) => {
        event.preventDefault()
        onMove(1)
      }}
      onKeyDown={(event) => {
        if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return
        event.preventDefault()
        onDone()
      }}
    >
      <div>
        <h2>{line.name}</h2>
        <p className="row">
          <span className="strong">{words.lot(line.lotNumber)}</span>
          <span className="muted">{words.until(format.day(line.expiryDate))}</span>
          {line.expired && <Mark kind="expired">{words.expired}</Mark>}
        </p>
      </div>
      <QuantityField
        label={line.unit === null ? words.counted : words.countedIn(line.unit)}
        hint={words.hint}
        zero
        className="count-input"
        enterKeyHint="next"
        data-field="counted"
        readOnly={isBooked}
        value={typed}
        onValue={onType}
      />
      <div className="count-buttons">
        <Button
          disabled={!hasBack}
          onClick={() => {
            onMove(-1)
          }}
        >
          {words.back}
        </Button>
        <Button type="submit" kind="primary">
          {typed === '' ? words.skip : words.next}
        </Button>
      </div>
      <p className="small muted keys-hint">{words.keys}</p>
    </form>
  )
}
