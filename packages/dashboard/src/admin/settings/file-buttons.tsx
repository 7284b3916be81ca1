import { useUzima } from '@uzima/client/react'
import { useRef, useState, type ReactElement } from 'react'
import type { Speech } from '../../i18n/language.js'
import { useSpeech, useWords } from '../../i18n/use-words.js'
import { Banner } from '../../ui/banner.js'
import { Button } from '../../ui/button.js'
import { decodeText } from '../csv/read-csv.js'
import { dayForName, saveFile, separatorFor } from '../save-file.js'
import {
  readSettingsFile,
  settingsFile,
  type FileProblem,
  type SettingsDiff,
} from './settings-file.js'
import { settingsWords } from './settings-words.js'

interface FileButtonsProps {
  readonly onDiff: (diff: SettingsDiff) => void
}

/** Some hundred bytes for each of 5,000 items are 0.5 MB. */
const LARGEST_FILE = 5_000_000

type Refused = { readonly name: string } & (
  FileProblem | { readonly problem: 'too_large' | 'unreadable' }
)

/** The settings of the stock out into a file, and back in from one. */
export const FileButtons = ({ onDiff }: FileButtonsProps): ReactElement => {
  const words = useWords(settingsWords)
  const speech = useSpeech()
  const client = useUzima()
  const input = useRef<HTMLInputElement>(null)
  const [refused, setRefused] = useState<Refused | null>(null)

  const open = async (file: File): Promise<void> => {
    const result = await readFile(file, client.inventory.get)
    if (!('problem' in result)) {
      setRefused(null)
      onDiff(result)
    } else setRefused({ name: file.name, ...result })
  }
  return (
    <>
      <div className="row">
        <Button
          kind="primary"
          onClick={() => {
            input.current?.click()
          }}
        >
          {words.openFile}
        </Button>
        <input
          ref={input}
          hidden
          type="file"
          accept=".csv,.txt,.tsv,text/csv"
          aria-label={words.openFile}
          onChange={(event) => {
            const [file] = event.currentTarget.files ?? []
            // The same file again, after it was corrected, is a choice too.
            event.currentTarget.value = ''
            if (file !== undefined) void open(file)
          }}
        />
        <Button
          onClick={() => {
            saveFile(words.fileName(dayForName(client.now())), [
              settingsFile(client.inventory.list(), { separator: separatorFor(speech.language) }),
            ])
          }}
        >
          {words.saveFile}
        </Button>
      </div>
      {refused !== null && (
        <Banner kind="error" title={words.fileRefused(refused.name)} role="alert">
          <p>{problemText(speech, refused)}</p>
        </Banner>
      )}
    </>
  )
}

const readFile = async (
  file: File,
  find: Parameters<typeof readSettingsFile>[1],
): Promise<SettingsDiff | FileProblem | { readonly problem: 'too_large' | 'unreadable' }> => {
  if (file.size > LARGEST_FILE) return { problem: 'too_large' }
  try {
    return readSettingsFile(decodeText(new Uint8Array(await file.arrayBuffer())), find)
  } catch {
    // The file has changed or gone since it was chosen.
    return { problem: 'unreadable' }
  }
}

const problemText = (speech: Speech, refused: Refused): string => {
  const words = speech.words(settingsWords)
  return refused.problem === 'unclosed_quote'
    ? words.unclosed(refused.line)
    : words.files[refused.problem]
}
