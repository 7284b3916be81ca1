import type { ReactElement } from 'react'
import { useWords } from '../i18n/use-words.js'
import type { Draft } from '../movements/use-draft.js'
import { Banner } from '../ui/banner.js'
import { Button } from '../ui/button.js'
import { keepMine, lineState, type CountDraft } from './count.js'
import { countWords } from './count-words.js'
import type { CountLine } from './shelf.js'

interface MovedLinesProps {
  readonly lines: readonly CountLine[]
  readonly draft: Draft<CountDraft>
  readonly entries: CountDraft['entries']
  readonly onRecount: (key: string) => void
}

/** The lots that moved after they were counted: a question for each, which holds up none of the others. */
export const MovedLines = ({ lines, draft, entries, onRecount }: MovedLinesProps): ReactElement => {
  const words = useWords(countWords)
  return (
    <>
      {lines.map((line) => {
        const state = lineState(line, entries[line.key])
        if (state.kind !== 'moved') return null
        return (
          <Banner
            key={line.key}
            kind="warn"
            role="status"
            title={words.movedTitle(line.name, line.lotNumber)}
          >
            <p>{words.movedDetail(state.base, state.now, state.counted)}</p>
            <div className="row">
              <Button
                onClick={() => {
                  onRecount(line.key)
                }}
              >
                {words.recount}
              </Button>
              <Button
                onClick={() => {
                  draft.change((before) => keepMine(before, line.key, line.expected))
                }}
              >
                {words.keep(state.counted)}
              </Button>
            </div>
          </Banner>
        )
      })}
    </>
  )
}
