import type { Alert } from '@uzima/contracts'
import { useState, type ReactElement } from 'react'
import { commonWords } from '../i18n/common-words.js'
import { useWords } from '../i18n/use-words.js'
import { Button } from '../ui/button.js'
import { Dialog } from '../ui/dialog.js'
import { TextField } from '../ui/field.js'
import { alertsWords } from './alerts-words.js'

interface NoteDialogProps {
  readonly alert: Alert
  readonly busy: boolean
  readonly onAcknowledge: (note: string) => void
  readonly onClose: () => void
}

/** Acknowledges with a word for the others. */
export const NoteDialog = ({
  alert,
  busy,
  onAcknowledge,
  onClose,
}: NoteDialogProps): ReactElement => {
  const words = useWords(alertsWords)
  const { note: noteWord } = useWords(commonWords)
  const [note, setNote] = useState('')
  return (
    <Dialog title={alert.name} onClose={onClose}>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault()
          if (!busy) onAcknowledge(note.trim())
        }}
      >
        <TextField
          label={noteWord}
          hint={words.noteHint}
          maxLength={500}
          value={note}
          onValue={setNote}
        />
        <Button kind="primary" type="submit" wide busy={busy}>
          {words.acknowledge}
        </Button>
      </form>
    </Dialog>
  )
}
