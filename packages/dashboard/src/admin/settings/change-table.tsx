import { Fragment, useState, type ReactElement } from 'react'
import { describeError } from '../../i18n/describe-refusal.js'
import { useFormat, useSpeech, useWords } from '../../i18n/use-words.js'
import { Mark } from '../../ui/mark.js'
import { DataTable, type Column } from '../../ui/table.js'
import type { Outcome } from './apply-changes.js'
import type { FieldValue, ItemChange } from './fields.js'
import { MoreRows } from './more-rows.js'
import { settingsWords } from './settings-words.js'

interface ChangeTableProps {
  readonly changes: readonly ItemChange[]
  readonly outcomes: ReadonlyMap<string, Outcome>
}

const PAGE = 100

/** What becomes of what, item by item, and how it went. */
export const ChangeTable = ({ changes, outcomes }: ChangeTableProps): ReactElement => {
  const words = useWords(settingsWords)
  const [limit, setLimit] = useState(PAGE)
  const shown = changes.slice(0, limit)
  const fromFile = changes.some(({ line }) => line !== undefined)
  const format = useFormat()
  const line: readonly Column<ItemChange>[] = fromFile
    ? [
        {
          id: 'line',
          head: words.line,
          cell: (change) => (change.line === undefined ? '' : format.number(change.line)),
        },
      ]
    : []
  const how: readonly Column<ItemChange>[] =
    outcomes.size === 0
      ? []
      : [
          {
            id: 'how',
            head: words.outcome,
            cell: ({ sku }) => <OutcomeText outcome={outcomes.get(sku)} />,
          },
        ]
  return (
    <>
      <div className={fromFile ? 'rows-changes rows-with-line' : 'rows-changes'}>
        <DataTable
          label={words.changes(changes.length)}
          rows={shown}
          keyOf={({ sku }) => sku}
          columns={[
            ...line,
            {
              id: 'item',
              head: words.item,
              cell: ({ sku, name }) => (
                <>
                  <span className="strong">{name}</span>
                  <br />
                  <span className="muted small">{sku}</span>
                </>
              ),
            },
            {
              id: 'change',
              head: words.after,
              cell: ({ fields }) => (
                <dl className="changes">
                  {fields.map(({ field, before, after }) => (
                    <Fragment key={field}>
                      <dt className="muted small">{words.fields[field]}</dt>
                      <dd>
                        <Value value={before} /> <span aria-hidden>→</span>{' '}
                        <span className="sr-only">{words.becomes}</span>{' '}
                        <strong>
                          <Value value={after} />
                        </strong>
                      </dd>
                    </Fragment>
                  ))}
                </dl>
              ),
            },
            ...how,
          ]}
        />
      </div>
      <MoreRows
        hidden={changes.length - shown.length}
        onMore={() => {
          setLimit(limit + PAGE)
        }}
      />
    </>
  )
}

const Value = ({ value }: { readonly value: FieldValue }): ReactElement => {
  const words = useWords(settingsWords)
  const format = useFormat()
  if (value === null) return <em className="muted">{words.empty}</em>
  return <>{typeof value === 'number' ? format.number(value) : value}</>
}

const OutcomeText = ({
  outcome,
}: {
  readonly outcome: Outcome | undefined
}): ReactElement | null => {
  const speech = useSpeech()
  const words = speech.words(settingsWords)
  const textOf = (value: FieldValue): string =>
    value === null
      ? words.empty
      : typeof value === 'number'
        ? speech.format.number(value)
        : `“${value}”`
  switch (outcome?.state) {
    case undefined:
      return <Mark kind="pending">{words.waiting}</Mark>
    case 'saved':
      return <Mark kind="good">{words.savedOne}</Mark>
    case 'overtaken':
      return (
        <>
          <Mark kind="low">{words.notSavedOne}</Mark>{' '}
          <span className="small">{words.overtaken(textOf(outcome.now))}</span>
        </>
      )
    case 'refused':
      return (
        <>
          <Mark kind="out">{words.notSavedOne}</Mark>{' '}
          <span className="small">{describeError(speech, outcome.error, { write: true })}</span>
        </>
      )
    case 'stopped':
      return <span className="muted small">{words.stopped}</span>
  }
}
