import { useConnection, useUzima } from '@uzima/client/react'
import type { ReactElement } from 'react'
import { useSpeech, useWords } from '../i18n/use-words.js'
import { Button } from '../ui/button.js'
import { describeConnection, type ConnectionText } from './connection-text.js'
import { connectionWords } from './connection-words.js'
import { useNow } from './use-now.js'

/** Shape beside colour: filled, half, hollow, crossed. */
const SIGNS: Readonly<Record<ConnectionText['kind'], string>> = {
  live: '●',
  loading: '◐',
  stale: '○',
  ended: '✕',
}

/** The answer to "is what I see true?", always in sight. */
export const ConnectionBar = (): ReactElement => {
  const client = useUzima()
  const connection = useConnection()
  const speech = useSpeech()
  const { tryNow } = useWords(connectionWords)
  const { kind, title, detail } = describeConnection(connection, speech, useNow(1000))
  const canTry = kind === 'ended' || (kind === 'stale' && connection.phase === 'connecting')
  return (
    <div className={`connection connection-${kind}`} data-connection={kind}>
      <p className="connection-text">
        <span className="strong" role="status">
          <span aria-hidden>{SIGNS[kind]} </span>
          {title}
        </span>{' '}
        <span className="connection-detail">{detail}</span>
      </p>
      {canTry && (
        <Button
          onClick={() => {
            client.wake()
            void client.start()
          }}
        >
          {tryNow}
        </Button>
      )}
    </div>
  )
}
