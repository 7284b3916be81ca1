import { useState, type ReactElement } from 'react'
import { commonWords } from '../i18n/common-words.js'
import { useUzima } from '@uzima/client/react'
import { useWords } from '../i18n/use-words.js'
import { go, hrefOf } from '../shell/address.js'
import { EmptyState, Spinner, ViewTitle } from '../ui/surfaces.js'
import { ButtonLink } from '../ui/button.js'
import { lineState, typeCount, type CountEntry } from './count.js'
import { CountLineForm } from './count-line-form.js'
import { CountLineList, useDescribeLine } from './count-line-list.js'
import { countWords } from './count-words.js'
import type { CountLine } from './shelf.js'
import { useCount } from './use-count.js'
import { useCountScans, useFocusOnLine } from './use-count-focus.js'

interface CountLotsProps {
  readonly shelf: string
  /** Key of the line to begin with; null for the first that is not counted. */
  readonly first: string | null
}

/** Lot after lot: one number, Enter, the next. What the stock says is shown only once a number was typed. */
export const CountLots = ({ shelf, first }: CountLotsProps): ReactElement => {
  const words = useWords(countWords)
  const { loading } = useWords(commonWords)
  const client = useUzima()
  const { draft, lines } = useCount(shelf)
  const [chosen, setChosen] = useState(first)
  const entries = draft.value?.entries ?? {}
  const isCounted = (line: CountLine): boolean =>
    lineState(line, entries[line.key]).kind !== 'uncounted'
  const current =
    lines.find(({ key }) => key === chosen) ?? lines.find((line) => !isCounted(line)) ?? lines[0]
  // The first that is not counted, until somebody moves on: with its first digit it would be another one.
  if (chosen === null && draft.value !== undefined && current !== undefined) setChosen(current.key)
  const index = current === undefined ? -1 : lines.indexOf(current)
  const focus = useFocusOnLine(draft.value === undefined ? undefined : current?.key)
  useCountScans(lines, isCounted, setChosen)
  const counted = lines.filter(isCounted).length
  const summary = hrefOf(['count', 'summary'], { shelf })

  const move = (by: 1 | -1): void => {
    const next = lines[index + by]
    if (next !== undefined) setChosen(next.key)
    else if (by === 1) go(summary)
  }

  if (draft.value === undefined || current === undefined) {
    return (
      <div className="stack">
        <ViewTitle>{words.counting(shelf === '' ? words.noShelf : shelf)}</ViewTitle>
        {draft.value === undefined ? (
          <Spinner label={loading} />
        ) : (
          <EmptyState title={words.nothing} detail={words.nothingDetail} />
        )}
      </div>
    )
  }
  return (
    <div className="stack">
      <ViewTitle>{words.counting(shelf === '' ? words.noShelf : shelf)}</ViewTitle>
      <div className="stack-tight">
        <p className="muted small">{words.progress(counted, lines.length)}</p>
        <progress
          className="count-progress"
          value={counted}
          max={lines.length}
          aria-label={words.progress(counted, lines.length)}
        />
      </div>
      <div className="shelf-count">
        <div ref={focus} className="stack count-now">
          {/* One form for all lots: the number after Enter finds its field at once. */}
          <CountLineForm
            line={current}
            entry={entries[current.key]}
            hasBack={index > 0}
            onType={(typed) => {
              draft.change((before) => typeCount(before, current, typed, client.now()))
            }}
            onMove={move}
            onDone={() => {
              go(summary)
            }}
          />
          <LastCounted line={lines[index - 1]} entries={entries} />
          <ButtonLink href={summary} kind={counted === lines.length ? 'primary' : 'plain'} wide>
            {words.toSummary}
          </ButtonLink>
        </div>
        <CountLineList
          lines={lines}
          entries={entries}
          current={current.key}
          onChoose={(key) => {
            setChosen(key)
          }}
        />
      </div>
    </div>
  )
}

interface LastCountedProps {
  readonly line: CountLine | undefined
  readonly entries: Readonly<Record<string, CountEntry>>
}

/** How the lot before compares, while its shelf is still under one's hands. */
const LastCounted = ({ line, entries }: LastCountedProps): ReactElement => {
  const words = useWords(countWords)
  const describe = useDescribeLine()
  const state = line === undefined ? undefined : lineState(line, entries[line.key])
  return (
    <p className="count-last small" role="status">
      {line !== undefined &&
        state !== undefined &&
        state.kind !== 'uncounted' &&
        words.last(line.name, line.lotNumber, state.counted, describe(state))}
    </p>
  )
}
