import { useUzima } from '@uzima/client/react'
import type { Movement as PastMovement } from '@uzima/contracts'
import type { ReactElement } from 'react'
import { commonWords } from '../i18n/common-words.js'
import { useWords } from '../i18n/use-words.js'
import { Button } from '../ui/button.js'
import { Dialog } from '../ui/dialog.js'
import { writeWords } from './write-words.js'
import { useAttempt } from './use-attempt.js'
import { counterMovements, undoReason } from './undo.js'

interface UndoDialogProps {
  readonly sku: string
  readonly past: PastMovement
  readonly onClose: () => void
  readonly onDone: () => void
}

/** Says what taking a movement back books, then books it. */
export const UndoDialog = ({ sku, past, onClose, onDone }: UndoDialogProps): ReactElement => {
  const words = useWords(writeWords)
  const { cancel } = useWords(commonWords)
  const { writes } = useUzima()
  const { busy, failure, attempt } = useAttempt()
  const counters = counterMovements(sku, past, undoReason(past, words.undoReason))

  const undo = (): void => {
    attempt(async () => {
      for (const movement of counters) await writes.add(movement)
      onDone()
    })
  }

  return (
    <Dialog title={words.undoTitle} onClose={onClose}>
      <div className="stack">
        <p>{words.undoDetail}</p>
        <ul className="stack-tight strong">
          {counters.map((movement) => (
            <li key={movement.kind === 'consume' ? '' : movement.lotNumber}>
              {words.describe(movement)}
            </li>
          ))}
        </ul>
        {failure}
        <div className="row">
          <Button kind="primary" busy={busy} data-autofocus onClick={undo}>
            {words.undo}
          </Button>
          <Button onClick={onClose}>{cancel}</Button>
        </div>
      </div>
    </Dialog>
  )
}
