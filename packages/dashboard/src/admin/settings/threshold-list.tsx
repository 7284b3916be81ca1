import { useStock } from '@uzima/client/react'
import type { Item } from '@uzima/contracts'
import { useDeferredValue, useMemo, useState, type ReactElement } from 'react'
import { commonWords } from '../../i18n/common-words.js'
import { useFormat, useWords } from '../../i18n/use-words.js'
import { QuantityField, TextField } from '../../ui/field.js'
import { EmptyState } from '../../ui/surfaces.js'
import { DataTable } from '../../ui/table.js'
import { readValue, type ItemChange } from './fields.js'
import { MoreRows } from './more-rows.js'
import { settingsWords } from './settings-words.js'

/** What was typed, by sku. */
export type Drafts = Readonly<Record<string, string>>

interface ThresholdListProps {
  readonly drafts: Drafts
  readonly onDraft: (sku: string, text: string) => void
}

const PAGE = 50

/** The stock by name, its thresholds to type over. */
export const ThresholdList = ({ drafts, onDraft }: ThresholdListProps): ReactElement => {
  const words = useWords(settingsWords)
  const common = useWords(commonWords)
  const format = useFormat()
  const [search, setSearch] = useState('')
  const [limit, setLimit] = useState(PAGE)
  const wanted = useDeferredValue(search)
  const items = useStock(useMemo(() => ({ search: wanted, sort: 'name' as const }), [wanted]))
  const shown = items.slice(0, limit)
  return (
    <>
      <TextField
        type="search"
        label={words.search}
        value={search}
        onValue={(text) => {
          setSearch(text)
          setLimit(PAGE)
        }}
      />
      <p className="muted small" role="status">
        {words.items(items.length)}
      </p>
      {items.length === 0 ? (
        <EmptyState title={words.noneFound} detail={words.noneFoundDetail} />
      ) : (
        <div className="rows-thresholds">
          <DataTable
            label={words.items(items.length)}
            rows={shown}
            keyOf={({ sku }) => sku}
            columns={[
              {
                id: 'name',
                head: common.name,
                cell: ({ sku, name }) => (
                  <>
                    <span className="strong">{name}</span>
                    <br />
                    <span className="muted small">{sku}</span>
                  </>
                ),
              },
              { id: 'category', head: common.category, cell: ({ category }) => category ?? '–' },
              {
                id: 'usable',
                head: words.usable,
                number: true,
                cell: ({ usableQuantity, unit }) => (
                  <>
                    {format.number(usableQuantity)} <span className="muted small">{unit}</span>
                  </>
                ),
              },
              {
                id: 'threshold',
                head: common.threshold,
                number: true,
                cell: (item) => <Threshold item={item} text={drafts[item.sku]} onDraft={onDraft} />,
              },
            ]}
          />
        </div>
      )}
      <MoreRows
        hidden={items.length - shown.length}
        onMore={() => {
          setLimit(limit + PAGE)
        }}
      />
    </>
  )
}

interface ThresholdProps {
  readonly item: Item
  readonly text: string | undefined
  readonly onDraft: (sku: string, text: string) => void
}

const Threshold = ({ item, text, onDraft }: ThresholdProps): ReactElement => {
  const words = useWords(settingsWords)
  const read = text === undefined || text === '' ? undefined : readValue('threshold', text)
  const problem = read !== undefined && 'problem' in read ? read.problem : undefined
  return (
    <div
      className="threshold"
      data-changed={text !== undefined && text !== item.threshold.toString()}
    >
      <QuantityField
        label={words.thresholdOf(item.name)}
        zero
        maxLength={10}
        value={text ?? item.threshold.toString()}
        error={problem === undefined ? undefined : words.problems[problem]}
        onValue={(next) => {
          onDraft(item.sku, next)
        }}
      />
    </div>
  )
}

/** What the drafts change of the stock as it is; what is empty or wrong changes nothing. */
export const changesOf = (
  drafts: Drafts,
  find: (sku: string) => Item | undefined,
): readonly ItemChange[] =>
  Object.entries(drafts).flatMap(([sku, text]) => {
    const item = find(sku)
    if (item === undefined || text === '') return []
    const read = readValue('threshold', text)
    if (!('value' in read) || read.value === item.threshold) return []
    const { name, threshold } = item
    return [{ sku, name, fields: [{ field: 'threshold', before: threshold, after: read.value }] }]
  })
