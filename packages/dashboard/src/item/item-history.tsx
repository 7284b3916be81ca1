import type { Item, Movement as PastMovement } from '@uzima/contracts'
import { useState, type ReactElement } from 'react'
import { WhoSawLink } from '../admin/who-saw-link.js'
import { useFormat, useWords } from '../i18n/use-words.js'
import { writeWords } from '../movements/write-words.js'
import { counterMovements, undoneIds } from '../movements/undo.js'
import { useMay, useUser } from '../session/use-session.js'
import { useNow } from '../shell/use-now.js'
import { Button } from '../ui/button.js'
import { Mark } from '../ui/mark.js'
import { itemWords } from './item-words.js'
import { signed } from './signed.js'
import { UndoButton } from './undo-button.js'
import type { History } from './use-history.js'

const PAGE = 10
/** What is older is no slip of the hand any more. */
const UNDO_WITHIN_MS = 7 * 86_400_000

interface ItemHistoryProps {
  readonly item: Item
  readonly history: History
}

/** Who moved what, when and why, newest first; one's own can be taken back. */
export const ItemHistory = ({ item, history }: ItemHistoryProps): ReactElement => {
  const words = useWords(itemWords)
  const [shown, setShown] = useState(PAGE)
  const { movements, state } = history
  const undone = undoneIds(movements)
  return (
    <section className="item-history stack-tight" aria-label={words.history}>
      <h2>{words.history}</h2>
      {movements.length === 0 && (
        <p className="muted">{state === 'away' ? words.historyAway : words.noHistory}</p>
      )}
      <ul className="history">
        {movements.slice(0, shown).map((past) => (
          <HistoryRow key={past.id} sku={item.sku} past={past} isUndone={undone.has(past.id)} />
        ))}
      </ul>
      {shown < movements.length && (
        <Button
          onClick={() => {
            setShown(shown + 5 * PAGE)
          }}
        >
          {words.more}
        </Button>
      )}
    </section>
  )
}

interface HistoryRowProps {
  readonly sku: string
  readonly past: PastMovement
  readonly isUndone: boolean
}

const HistoryRow = ({ sku, past, isUndone }: HistoryRowProps): ReactElement => {
  const words = useWords(itemWords)
  const moves = useWords(writeWords)
  const format = useFormat()
  const { username } = useUser()
  const mayMove = useMay('stock:move')
  const age = useNow(60_000) - Date.parse(past.at)
  const what = `${moves.history[past.type]} ${signed(past.delta, format.number)}`
  const lots = past.lots.filter(({ delta }) => delta !== 0).map(({ lotNumber }) => lotNumber)
  const mayUndo =
    mayMove &&
    !isUndone &&
    past.actor === username &&
    age < UNDO_WITHIN_MS &&
    counterMovements(sku, past, '').length > 0
  return (
    <li className="history-row">
      <div className="write-what">
        <p>
          <span className="strong">{past.delta === 0 ? moves.history[past.type] : what}</span>
          {lots.length > 0 && <span className="muted"> · {words.fromLots(format.list(lots))}</span>}
        </p>
        <p className="small muted">
          {format.time(past.at)} · {past.actor}
          {past.reason === null ? '' : ` · ${past.reason}`}
        </p>
      </div>
      {past.breakGlass !== undefined && <Mark kind="pending">{words.emergency}</Mark>}
      {isUndone && <Mark kind="plain">{moves.undone}</Mark>}
      {mayUndo && <UndoButton sku={sku} past={past} what={what} />}
      <WhoSawLink seq={past.seq} what={what} />
    </li>
  )
}
