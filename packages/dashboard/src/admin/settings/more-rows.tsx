import type { ReactElement } from 'react'
import { useWords } from '../../i18n/use-words.js'
import { Button } from '../../ui/button.js'
import { settingsWords } from './settings-words.js'

interface MoreRowsProps {
  /** How many are not shown; nothing is drawn where there are none. */
  readonly hidden: number
  readonly onMore: () => void
}

/** Below a table that shows its first rows only. */
export const MoreRows = ({ hidden, onMore }: MoreRowsProps): ReactElement | null => {
  const words = useWords(settingsWords)
  if (hidden <= 0) return null
  return (
    <div className="row">
      <Button onClick={onMore}>{words.more}</Button>
      <span className="muted">{words.moreRows(hidden)}</span>
    </div>
  )
}
