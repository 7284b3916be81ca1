import type { QueuedWrite } from '@uzima/client'
import { useUzima, useWrites } from '@uzima/client/react'
import type { ReactElement, ReactNode } from 'react'
import { describeRefusal } from '../i18n/describe-refusal.js'
import { useFormat, useSpeech, useWords } from '../i18n/use-words.js'
import { writeWords } from '../movements/write-words.js'
import { decide } from '../movements/decide.js'
import { choicesFor, type RefusalChoice } from '../movements/refusal-choices.js'
import { useAttempt } from '../movements/use-attempt.js'
import type { Draft } from '../movements/use-draft.js'
import { Banner } from '../ui/banner.js'
import { Button } from '../ui/button.js'
import { Mark } from '../ui/mark.js'
import { forgetLine, markBooked, type CountDraft } from './count.js'
import { countWords } from './count-words.js'
import type { CountLine } from './shelf.js'

interface BookedLinesProps {
  readonly lines: readonly CountLine[]
  readonly draft: Draft<CountDraft>
  readonly entries: CountDraft['entries']
  readonly onRecount: (key: string) => void
}

/** What was booked, each lot with what became of it; a refused one asks on its own row. */
export const BookedLines = (props: BookedLinesProps): ReactNode => {
  const { lines, draft, entries, onRecount } = props
  const words = useWords(countWords)
  const moves = useWords(writeWords)
  const format = useFormat()
  const writes = useWrites()
  return lines.length === 0 ? null : (
    <ul className="stack-tight" aria-label={moves.arrived}>
      {lines.map((line) => {
        const entry = entries[line.key]
        const write = writes.find(({ id }) => id === entry?.writeId)
        return (
          <li key={line.key}>
            {write?.state === 'refused' ? (
              <RefusedLine line={line} write={write} draft={draft} onRecount={onRecount} />
            ) : (
              <div className="write-row">
                <p className="write-what">
                  {line.name} <span className="muted small">{words.lot(line.lotNumber)}</span>
                </p>
                <span className="strong">{format.number(Number(entry?.typed))}</span>
                {/* One that is not in the queue any more has arrived. */}
                <Mark kind={write === undefined || write.state === 'accepted' ? 'good' : 'pending'}>
                  {moves.states[write?.state ?? 'accepted']}
                </Mark>
              </div>
            )}
          </li>
        )
      })}
    </ul>
  )
}

interface RefusedLineProps {
  readonly line: CountLine
  readonly write: QueuedWrite
  readonly draft: Draft<CountDraft>
  readonly onRecount: (key: string) => void
}

const RefusedLine = ({ line, write, draft, onRecount }: RefusedLineProps): ReactElement => {
  const words = useWords(countWords)
  const moves = useWords(writeWords)
  const speech = useSpeech()
  const { writes } = useUzima()
  const { refusal } = write
  const { failure, attempt } = useAttempt()

  const choose = (choice: RefusalChoice): void => {
    attempt(async () => {
      const next = await decide(writes, write, choice, moves.dropped)
      if (next !== undefined) draft.change((before) => markBooked(before, line.key, next.id))
      else if (choice.kind === 'drop') draft.change((before) => forgetLine(before, line.key))
      else onRecount(line.key)
    })
  }
  return (
    <Banner kind="error" role="alert" title={words.movedTitle(line.name, line.lotNumber)}>
      {refusal !== undefined && (
        <p>{describeRefusal(speech, { code: refusal.code, params: refusal.params })}</p>
      )}
      <div className="row">
        {choicesFor(write).map((choice) => (
          <Button
            key={choice.kind}
            onClick={() => {
              choose(choice)
            }}
          >
            {choice.kind === 'keep' || choice.kind === 'take'
              ? words.keep(choice.quantity)
              : moves[choice.kind]}
          </Button>
        ))}
      </div>
      {failure}
    </Banner>
  )
}
