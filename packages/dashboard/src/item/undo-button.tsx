import type { Movement as PastMovement } from '@uzima/contracts'
import { useState, type ReactElement } from 'react'
import { useWords } from '../i18n/use-words.js'
import { UndoDialog } from '../movements/undo-dialog.js'
import { writeWords } from '../movements/write-words.js'
import { Button } from '../ui/button.js'

interface UndoButtonProps {
  readonly sku: string
  readonly past: PastMovement
  /** The movement in words: several such buttons stand below each other. */
  readonly what: string
}

/** Takes a movement back, once the person has seen what that books. */
export const UndoButton = ({ sku, past, what }: UndoButtonProps): ReactElement => {
  const words = useWords(writeWords)
  const [asking, setAsking] = useState(false)
  const close = (): void => {
    setAsking(false)
  }
  return (
    <>
      <Button
        kind="quiet"
        aria-label={words.undoOf(what)}
        onClick={() => {
          setAsking(true)
        }}
      >
        {words.undo}
      </Button>
      {asking && <UndoDialog sku={sku} past={past} onClose={close} onDone={close} />}
    </>
  )
}
