import { useUzima, useWrites } from '@uzima/client/react'
import type { ReactElement } from 'react'
import { commonWords } from '../i18n/common-words.js'
import { useFormat, useWords } from '../i18n/use-words.js'
import { useAttempt } from '../movements/use-attempt.js'
import { go, hrefOf } from '../shell/address.js'
import { useAnnouncer } from '../ui/announcer.js'
import { Button, ButtonLink } from '../ui/button.js'
import { EmptyState, Spinner, ViewTitle } from '../ui/surfaces.js'
import { DataTable } from '../ui/table.js'
import { forgetLine, markBooked, summarize, type CountDraft, type CountSummary } from './count.js'
import { BookedLines } from './booked-lines.js'
import { countWords } from './count-words.js'
import { DiscardCount } from './discard-count.js'
import { MovedLines } from './moved-lines.js'
import type { ShelfCount } from './use-count.js'
import { useCount } from './use-count.js'

/** What differs, before anything is booked; and what became of it, afterwards. */
export const CountSummaryView = ({ shelf }: { readonly shelf: string }): ReactElement => {
  const words = useWords(countWords)
  const { loading } = useWords(commonWords)
  const count = useCount(shelf)
  return (
    <div className="stack">
      <ViewTitle>{words.summary}</ViewTitle>
      {count.draft.value === undefined ? (
        <Spinner label={loading} />
      ) : (
        <Summary shelf={shelf} count={count} draft={count.draft.value} />
      )}
    </div>
  )
}

interface SummaryProps {
  readonly shelf: string
  readonly count: ShelfCount
  readonly draft: CountDraft
}

const Summary = ({ shelf, count, draft: value }: SummaryProps): ReactElement => {
  const words = useWords(countWords)
  const format = useFormat()
  const announcer = useAnnouncer()
  const { writes } = useUzima()
  const all = useWrites()
  const { busy, failure, attempt } = useAttempt()
  const { draft, lines } = count
  const summary = summarize(lines, value, ({ at }) => words.reason(format.time(at)))
  const { same, uncounted, different, moved, booked } = summary
  const pending = new Set(all.map(({ id }) => id))
  const waiting = booked.filter(({ key }) => pending.has(value.entries[key]?.writeId ?? ''))

  const book = (): void => {
    attempt(async () => {
      for (const { line, movement } of different) {
        const { id } = await writes.add(movement)
        draft.change((before) => markBooked(before, line.key, id))
      }
    })
  }
  const recount = (key: string): void => {
    draft.change((before) => forgetLine(before, key))
    go(hrefOf(['count', 'lots'], { shelf, lot: key }))
  }
  const finish = (): void => {
    draft.clear()
    announcer.toast(words.finished)
    go(hrefOf(['count']))
  }

  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault()
        if (different.length > 0) book()
        else finish()
      }}
      onKeyDown={(event) => {
        if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return
        event.preventDefault()
        event.currentTarget.requestSubmit()
      }}
    >
      <p className="muted">{words.summaryLine(same.length, uncounted.length)}</p>
      <MovedLines lines={moved} draft={draft} entries={value.entries} onRecount={recount} />
      <BookedLines lines={booked} draft={draft} entries={value.entries} onRecount={recount} />
      <Differences summary={summary} />
      {failure}
      <div className="row">
        {different.length > 0 ? (
          <Button type="submit" kind="primary" busy={busy} autoFocus>
            {words.book(different.length)}
          </Button>
        ) : (
          moved.length + waiting.length === 0 && (
            <Button type="submit" kind="primary" autoFocus>
              {words.finish}
            </Button>
          )
        )}
        <ButtonLink href={hrefOf(['count', 'lots'], { shelf })}>{words.goOn}</ButtonLink>
        <DiscardCount
          typed={Object.keys(value.entries).length - booked.length}
          onDiscard={() => {
            draft.clear()
            go(hrefOf(['count']))
          }}
        />
      </div>
    </form>
  )
}

const Differences = ({ summary }: { readonly summary: CountSummary }): ReactElement | null => {
  const words = useWords(countWords)
  const format = useFormat()
  const { different, moved, booked, same } = summary
  if (different.length === 0) {
    return moved.length + booked.length === 0 && same.length > 0 ? (
      <EmptyState sign="✓" title={words.noDifferences} detail={words.noDifferencesDetail} />
    ) : null
  }
  return (
    <DataTable
      label={words.summary}
      rows={different}
      keyOf={({ line }) => line.key}
      columns={[
        {
          id: 'item',
          head: words.item,
          cell: ({ line }) => (
            <>
              {line.name} <span className="muted small">{line.lotNumber}</span>
            </>
          ),
        },
        {
          id: 'says',
          head: words.says,
          number: true,
          cell: ({ line }) => format.number(line.expected),
        },
        {
          id: 'counted',
          head: words.counted,
          number: true,
          cell: ({ movement }) => format.number(movement.quantity),
        },
        {
          id: 'difference',
          head: words.difference,
          number: true,
          cell: ({ line, movement }) => (
            <span className="strong">
              {movement.quantity < line.expected
                ? words.fewer(line.expected - movement.quantity)
                : words.more(movement.quantity - line.expected)}
            </span>
          ),
        },
      ]}
    />
  )
}
