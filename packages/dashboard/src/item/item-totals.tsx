import type { Item } from '@uzima/contracts'
import { useState, type ReactElement } from 'react'
import { commonWords } from '../i18n/common-words.js'
import { useFormat, useWords } from '../i18n/use-words.js'
import { Button } from '../ui/button.js'
import { Spinner } from '../ui/surfaces.js'
import { ItemChart } from './item-chart.js'
import { itemWords } from './item-words.js'
import { seriesOf, type Series } from './series.js'
import { signed } from './signed.js'
import type { History } from './use-history.js'

interface ItemTotalsProps {
  readonly item: Item
  readonly history: History
  /** When the item was opened, in milliseconds since 1970. */
  readonly opened: number
  readonly days: number
  readonly onDays: (days: number) => void
}

const RANGES = [30, 90, 365]
const DAY_MS = 86_400_000

/** The total over time, as a chart or as the table that says the same. */
export const ItemTotals = (props: ItemTotalsProps): ReactElement => {
  const { item, history, opened, days, onDays } = props
  const words = useWords(itemWords)
  const { loading } = useWords(commonWords)
  const [asTable, setAsTable] = useState(false)
  const series = seriesOf(history.movements, item.totalQuantity, {
    from: opened - days * DAY_MS,
    // What happened since it was opened belongs to it as well.
    to: Math.max(opened, ...history.movements.slice(0, 1).map(({ at }) => Date.parse(at))),
    complete: history.complete,
  })
  return (
    <section className="item-totals stack-tight" aria-label={words.chart}>
      <div className="row-apart">
        <h2>{words.chart}</h2>
        <Button
          kind="quiet"
          onClick={() => {
            setAsTable(!asTable)
          }}
        >
          {asTable ? words.asChart : words.asTable}
        </Button>
      </div>
      <div className="chips" role="group" aria-label={words.range}>
        {RANGES.map((range) => (
          <button
            key={range}
            type="button"
            className="chip"
            aria-pressed={range === days}
            onClick={() => {
              onDays(range)
            }}
          >
            {words.ranges(range)}
          </button>
        ))}
      </div>
      {history.state === 'loading' ? (
        <Spinner label={loading} />
      ) : history.state === 'away' && history.movements.length === 0 ? (
        <p className="muted">{words.historyAway}</p>
      ) : asTable ? (
        <SeriesTable series={series} />
      ) : (
        <ItemChart name={item.name} series={series} threshold={item.threshold} />
      )}
    </section>
  )
}

/** As many rows as anybody reads. */
const MOST_ROWS = 200

const SeriesTable = ({ series }: { readonly series: Series }): ReactElement => {
  const words = useWords(itemWords)
  const format = useFormat()
  const rows = series.marks.toReversed().slice(0, MOST_ROWS)
  if (rows.length === 0) return <p className="muted">{words.noHistory}</p>
  return (
    // Scrolls by itself, so the keyboard must be able to get in.
    <div className="series-table" tabIndex={0} role="group" aria-label={words.chart}>
      <table className="table">
        <thead>
          <tr>
            <th scope="col">{words.when}</th>
            <th scope="col">{words.what}</th>
            <th scope="col" className="number">
              {words.change}
            </th>
            <th scope="col" className="number">
              {words.total}
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((mark, index) => (
            <tr key={`${mark.at} ${index}`}>
              <td>{format.time(mark.at)}</td>
              <td>{words.marks[mark.kind]}</td>
              <td className="number">{signed(mark.delta, format.number)}</td>
              <td className="number">{format.number(mark.total)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
