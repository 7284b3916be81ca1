import { useUzima } from '@uzima/client/react'
import { useEffect, useRef, useState, type ReactElement } from 'react'
import { useSpeech, useWords } from '../../i18n/use-words.js'
import { useAnnouncer } from '../../ui/announcer.js'
import { Button } from '../../ui/button.js'
import { ActionError } from '../action-error.js'
import { dayForName, saveFile, separatorFor } from '../save-file.js'
import { exportLog } from './log-export.js'
import type { LogRequest } from './log-filters.js'
import { logWords } from './log-words.js'

interface ExportLogProps {
  readonly request: LogRequest
  readonly nameOf: (userId: string) => string | undefined
}

/** Saves all that the filters leave as a file; says how far it is, and can be stopped. */
export const ExportLog = ({ request, nameOf }: ExportLogProps): ReactElement => {
  const words = useWords(logWords)
  const { language } = useSpeech()
  const client = useUzima()
  const { toast } = useAnnouncer()
  const [rows, setRows] = useState<number | null>(null)
  const [error, setError] = useState<unknown>(undefined)
  const stop = useRef<AbortController | null>(null)
  useEffect(
    () => () => {
      stop.current?.abort()
    },
    [],
  )
  const run = async (): Promise<void> => {
    const controller = new AbortController()
    stop.current = controller
    setError(undefined)
    setRows(0)
    let count = 0
    try {
      const parts = await exportLog(client.rest.connectionAttempts, {
        request,
        nameOf,
        separator: separatorFor(language),
        onProgress: (read) => {
          count = read
          setRows(read)
        },
        signal: controller.signal,
      })
      saveFile(`uzima-connections-${dayForName(client.now())}.csv`, parts)
      toast(words.exported(count))
    } catch (thrown) {
      if (!controller.signal.aborted) setError(thrown)
    } finally {
      setRows(null)
    }
  }
  return (
    <>
      {rows === null ? (
        <Button title={words.exportDetail} onClick={() => void run()}>
          {words.export}
        </Button>
      ) : (
        <>
          <span className="muted" role="status">
            {words.exporting(rows)}
          </span>
          <Button onClick={() => stop.current?.abort()}>{words.stop}</Button>
        </>
      )}
      <ActionError error={error} />
    </>
  )
}
