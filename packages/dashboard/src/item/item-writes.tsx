import { useWrites } from '@uzima/client/react'
import type { Item } from '@uzima/contracts'
import { useState, type ReactElement, type ReactNode } from 'react'
import { useFormat, useWords } from '../i18n/use-words.js'
import { isCounter, undoneIds } from '../movements/undo.js'
import { useChangeRefused } from '../movements/use-change-refused.js'
import { WriteRow } from '../movements/write-row.js'
import { writeWords } from '../movements/write-words.js'
import { useUser } from '../session/use-session.js'
import { useNow } from '../shell/use-now.js'
import { Mark } from '../ui/mark.js'
import { signed } from './signed.js'
import { UndoButton } from './undo-button.js'
import type { History } from './use-history.js'

interface ItemWritesProps {
  readonly item: Item
  readonly history: History
}

/** This person's movements of the item that are on their way or refused; else the last one that arrived, just now. */
export const ItemWrites = ({ item, history }: ItemWritesProps): ReactNode => {
  const change = useChangeRefused()
  const [opened] = useState(Date.now)
  const mine = useWrites().filter(({ movement }) => movement.sku === item.sku)
  return (
    <div className="stack-tight item-writes" role="status">
      {mine.map((write) => (
        <WriteRow key={write.id} write={write} onChange={change} />
      ))}
      {mine.length === 0 && <JustBooked item={item} history={history} opened={opened} />}
    </div>
  )
}

/** Long enough to see a slip of the hand, and to take it back at once. */
const JUST_NOW_MS = 600_000

interface JustBookedProps extends ItemWritesProps {
  /** Nothing is told that was there when the item was opened a while ago. */
  readonly opened: number
}

const JustBooked = ({ item, history, opened }: JustBookedProps): ReactElement | null => {
  const words = useWords(writeWords)
  const format = useFormat()
  const { username } = useUser()
  const now = useNow(30_000)
  const [newest] = history.movements
  if (
    newest?.actor !== username ||
    newest.delta === 0 ||
    isCounter(newest) ||
    undoneIds(history.movements).has(newest.id) ||
    Math.max(now, opened) - Date.parse(newest.at) > JUST_NOW_MS
  ) {
    return null
  }
  const what = `${words.history[newest.type]} ${signed(newest.delta, format.number)}`
  return (
    <div className="write-row" data-write="accepted">
      <div className="write-what">
        <p className="strong">{what}</p>
        <p className="small muted">{format.time(newest.at)}</p>
      </div>
      <Mark kind="good">{words.states.accepted}</Mark>
      <UndoButton sku={item.sku} past={newest} what={what} />
    </div>
  )
}
