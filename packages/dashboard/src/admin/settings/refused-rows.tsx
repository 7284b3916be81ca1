import type { ReactElement } from 'react'
import { useFormat, useSpeech, useWords } from '../../i18n/use-words.js'
import type { Speech } from '../../i18n/language.js'
import { Banner } from '../../ui/banner.js'
import { DataTable } from '../../ui/table.js'
import type { RowRefusal } from './settings-file.js'
import { settingsWords } from './settings-words.js'

const SHOWN = 200

/** The rows of a file that are not taken, each with its line and its reason. */
export const RefusedRows = ({
  refused,
}: {
  readonly refused: readonly RowRefusal[]
}): ReactElement | null => {
  const words = useWords(settingsWords)
  const speech = useSpeech()
  const format = useFormat()
  if (refused.length === 0) return null
  return (
    <Banner kind="error" title={words.refusedRows(refused.length)} role="status">
      <p>{words.refusedDetail}</p>
      <div className="rows-refused">
        <DataTable
          label={words.refusedRows(refused.length)}
          rows={refused.slice(0, SHOWN)}
          keyOf={({ line }) => line.toString()}
          columns={[
            { id: 'line', head: words.line, cell: ({ line }) => format.number(line) },
            {
              id: 'item',
              head: words.item,
              cell: ({ sku }) => <strong>{sku === '' ? '–' : sku}</strong>,
            },
            { id: 'why', head: words.why, cell: (row) => reasonOf(speech, row) },
          ]}
        />
      </div>
      {refused.length > SHOWN && <p>{words.moreRows(refused.length - SHOWN)}</p>}
    </Banner>
  )
}

const reasonOf = (speech: Speech, row: RowRefusal): string => {
  const words = speech.words(settingsWords)
  switch (row.problem) {
    case 'no_code':
    case 'unknown_item':
      return words.problems[row.problem]
    case 'twice':
      return words.twice(row.firstLine)
    default:
      return words.valueRefused(
        words.fields[row.field],
        row.value.length > 40 ? `${row.value.slice(0, 39)}…` : row.value,
        words.problems[row.problem],
      )
  }
}
