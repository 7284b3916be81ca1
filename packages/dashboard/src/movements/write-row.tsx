import type { QueuedWrite } from '@uzima/client'
import { useUzima } from '@uzima/client/react'
import { useEffect, useRef, type ReactElement } from 'react'
import { describeRefusal } from '../i18n/describe-refusal.js'
import { useFormat, useSpeech, useWords } from '../i18n/use-words.js'
import { Banner } from '../ui/banner.js'
import { Button } from '../ui/button.js'
import { Mark } from '../ui/mark.js'
import { decide } from './decide.js'
import { useAttempt } from './use-attempt.js'
import { writeWords } from './write-words.js'
import { choicesFor, type RefusalChoice } from './refusal-choices.js'

interface WriteRowProps {
  readonly write: QueuedWrite
  /** Named where the row does not stand at its item. */
  readonly itemName?: string
  /** Opens the form again with what was refused. */
  readonly onChange: (write: QueuedWrite) => void
}

/** A movement of this device and what has become of it; a refused one with the choices that there are. */
export const WriteRow = (props: WriteRowProps): ReactElement =>
  props.write.state === 'refused' ? <RefusedRow {...props} /> : <SentRow {...props} />

const SentRow = ({ write, itemName }: WriteRowProps): ReactElement => {
  const words = useWords(writeWords)
  const format = useFormat()
  const { movement, state, madeAt } = write
  return (
    <div className="write-row" data-write={state}>
      <div className="write-what">
        {itemName !== undefined && <p className="strong">{itemName}</p>}
        <p>{words.describe(movement)}</p>
        <p className="small muted">{format.time(madeAt)}</p>
      </div>
      <Mark kind={state === 'accepted' ? 'good' : 'pending'}>{words.states[state]}</Mark>
    </div>
  )
}

/** Within this time after it was booked, a refusal takes the focus: the person is still there. */
const STILL_THERE_MS = 15_000

const RefusedRow = ({ write, itemName, onChange }: WriteRowProps): ReactElement => {
  const words = useWords(writeWords)
  const speech = useSpeech()
  const { writes } = useUzima()
  const { failure, attempt } = useAttempt()
  const row = useRef<HTMLDivElement>(null)
  const { movement, refusal, madeAt } = write
  const reason =
    refusal === undefined
      ? words.states.refused
      : describeRefusal(speech, { code: refusal.code, params: refusal.params })

  useEffect(() => {
    const isTyping = document.activeElement?.matches('input, select, textarea') ?? false
    if (Date.now() - madeAt > STILL_THERE_MS || isTyping) return
    row.current?.querySelector('button')?.focus()
  }, [madeAt])

  const labelOf = (choice: RefusalChoice): string => {
    switch (choice.kind) {
      case 'take':
        return words.take(choice.quantity)
      case 'keep':
        return words.keep(choice.quantity)
      default:
        return words[choice.kind]
    }
  }
  return (
    <div ref={row} data-write="refused">
      <Banner
        kind="error"
        role="alert"
        title={[itemName, words.describe(movement)].filter(Boolean).join(' · ')}
      >
        <p>{reason}</p>
        <div className="row">
          {choicesFor(write).map((choice, index) => (
            <Button
              key={choice.kind}
              kind={index === 0 ? 'primary' : 'plain'}
              onClick={() => {
                attempt(async () => {
                  await decide(writes, write, choice, words.dropped)
                  if (choice.kind === 'change' || choice.kind === 'recount') onChange(write)
                })
              }}
            >
              {labelOf(choice)}
            </Button>
          ))}
        </div>
      </Banner>
      {failure}
    </div>
  )
}
