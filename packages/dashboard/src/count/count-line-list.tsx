import type { ReactElement } from 'react'
import { useFormat, useWords } from '../i18n/use-words.js'
import { lineState, type CountEntry, type LineState } from './count.js'
import { countWords } from './count-words.js'
import type { CountLine } from './shelf.js'

interface CountLineListProps {
  readonly lines: readonly CountLine[]
  readonly entries: Readonly<Record<string, CountEntry>>
  readonly current: string
  readonly onChoose: (key: string) => void
}

/** The whole shelf; a lot that is counted tells how that compares, one that is not tells nothing. */
export const CountLineList = (props: CountLineListProps): ReactElement => {
  const { lines, entries, current, onChoose } = props
  const words = useWords(countWords)
  const format = useFormat()
  const describe = useDescribeLine()
  return (
    <ul className="count-lines" aria-label={words.allLots}>
      {lines.map((line) => {
        const state = lineState(line, entries[line.key])
        return (
          <li key={line.key}>
            <button
              type="button"
              className="count-line"
              data-state={state.kind}
              aria-current={line.key === current}
              onClick={() => {
                onChoose(line.key)
              }}
            >
              <span className="count-line-name">
                {line.name}
                <span className="muted small"> {line.lotNumber}</span>
              </span>
              <span className="count-line-state">
                {state.kind !== 'uncounted' && (
                  <span className="strong">{format.number(state.counted)}</span>
                )}{' '}
                {/* While one still types, the comparison would only mislead. */}
                <span className="small muted">
                  {(line.key !== current || state.kind === 'uncounted') && describe(state)}
                </span>
              </span>
            </button>
          </li>
        )
      })}
    </ul>
  )
}

/** Says how a line stands, in words. */
export const useDescribeLine = (): ((state: LineState) => string) => {
  const words = useWords(countWords)
  return (state) => {
    switch (state.kind) {
      case 'uncounted':
        return words.notCounted
      case 'same':
        return words.asSaid
      case 'different':
        return state.difference < 0 ? words.fewer(-state.difference) : words.more(state.difference)
      case 'moved':
        return words.moved
      case 'booked':
        return words.onItsWay
    }
  }
}
