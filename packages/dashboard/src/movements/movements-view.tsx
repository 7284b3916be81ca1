import './movements.css'
import type { QueuedWrite } from '@uzima/client'
import { useUzima, useWrites } from '@uzima/client/react'
import type { ReactElement, ReactNode } from 'react'
import { useWords } from '../i18n/use-words.js'
import { ButtonLink } from '../ui/button.js'
import { EmptyState, ViewTitle } from '../ui/surfaces.js'
import { writeWords } from './write-words.js'
import { useChangeRefused } from './use-change-refused.js'
import { WriteRow } from './write-row.js'

/** What this person has booked on this device and has not arrived: what was refused first, then what waits. */
export const MovementsView = (): ReactElement => {
  const words = useWords(writeWords)
  const all = useWrites().toReversed()
  const refused = all.filter(({ state }) => state === 'refused')
  const waiting = all.filter(({ state }) => state !== 'refused')
  return (
    <div className="stack">
      <ViewTitle>{words.title}</ViewTitle>
      {refused.length + waiting.length === 0 && (
        <EmptyState sign="✓" title={words.none} detail={words.noneDetail}>
          <ButtonLink href="#/stock">{words.toStock}</ButtonLink>
        </EmptyState>
      )}
      <Rows title={words.refusedHere} writes={refused} />
      <Rows title={words.waitingHere} writes={waiting} />
    </div>
  )
}

interface RowsProps {
  readonly title: string
  readonly writes: readonly QueuedWrite[]
}

const Rows = ({ title, writes }: RowsProps): ReactNode => {
  const { inventory } = useUzima()
  const change = useChangeRefused()
  if (writes.length === 0) return null
  return (
    <section className="stack-tight" aria-label={title}>
      <h2>{title}</h2>
      {writes.map((write) => (
        <WriteRow
          key={write.id}
          write={write}
          itemName={inventory.get(write.movement.sku)?.name ?? write.movement.sku}
          onChange={change}
        />
      ))}
    </section>
  )
}
