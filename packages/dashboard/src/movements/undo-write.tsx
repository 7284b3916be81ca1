import type { QueuedWrite } from '@uzima/client'
import { useUzima } from '@uzima/client/react'
import type { Movement as PastMovement } from '@uzima/contracts'
import { useState, type ReactElement } from 'react'
import { useWords } from '../i18n/use-words.js'
import { useUser } from '../session/use-session.js'
import { Button } from '../ui/button.js'
import { writeWords } from './write-words.js'
import { UndoDialog } from './undo-dialog.js'
import { pastOf } from './undo.js'

/** Takes back what was just booked: looks it up in the history, which says from which lots it came. */
export const UndoWrite = ({ write }: { readonly write: QueuedWrite }): ReactElement => {
  const words = useWords(writeWords)
  const { rest } = useUzima()
  const { username } = useUser()
  const [past, setPast] = useState<PastMovement>()
  const [state, setState] = useState<'idle' | 'looking' | 'gone'>('idle')
  const { sku } = write.movement

  const look = async (): Promise<void> => {
    setState('looking')
    try {
      const { movements } = await rest.inventory.movements(sku, { limit: 50 })
      const found = pastOf(write.movement, movements, username)
      setPast(found)
      setState(found === undefined ? 'gone' : 'idle')
    } catch {
      // Without a connection nothing can be looked up; the button is there again.
      setState('idle')
    }
  }

  if (state === 'gone') return <span className="small muted">{words.undone}</span>
  return (
    <>
      <Button
        kind="quiet"
        busy={state === 'looking'}
        aria-label={words.undoOf(words.describe(write.movement))}
        onClick={() => void look()}
      >
        {words.undo}
      </Button>
      {past !== undefined && (
        <UndoDialog
          sku={sku}
          past={past}
          onClose={() => {
            setPast(undefined)
          }}
          onDone={() => {
            setPast(undefined)
            setState('gone')
          }}
        />
      )}
    </>
  )
}
