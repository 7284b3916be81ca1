import './item.css'
import { useStock } from '@uzima/client/react'
import type { ReactElement } from 'react'
import { commonWords } from '../i18n/common-words.js'
import { useFormat, useWords } from '../i18n/use-words.js'
import { hrefOf } from '../shell/address.js'
import type { ViewProps } from '../shell/part.js'
import { useNow } from '../shell/use-now.js'
import { itemHref } from '../stock/item-href.js'
import { StockMarks } from '../stock/stock-marks.js'
import { EmptyState, Spinner, ViewTitle } from '../ui/surfaces.js'
import { rounded } from './item-figures.js'
import { itemWords } from './item-words.js'
import { forecast } from './runs-out.js'
import { runsOutWords } from './runs-out-words.js'
import { useConsumption } from './use-consumption.js'

const RANGES = [7, 14, 30]
const DAY_MS = 86_400_000

/** Which items are used up next, at the present rate: what to order. */
export const RunsOutView = ({ query }: ViewProps): ReactElement => {
  const items = useStock()
  const usageBySku = useConsumption()
  const words = useWords(runsOutWords)
  const { ranges } = useWords(itemWords)
  const { loading } = useWords(commonWords)
  const days = Number(query.get('days') ?? RANGES[0])
  return (
    <div className="stack">
      <ViewTitle>{words.title}</ViewTitle>
      <p className="muted">{words.lead}</p>
      <nav className="chips" aria-label={words.within}>
        {RANGES.map((range) => (
          <a
            key={range}
            className="chip"
            href={hrefOf(['runs-out'], { days: range.toString() })}
            aria-current={range === days}
          >
            {ranges(range)}
          </a>
        ))}
      </nav>
      {usageBySku === undefined ? (
        <Spinner label={loading} />
      ) : (
        <RunsOutList forecast={forecast(items, usageBySku, days)} days={days} />
      )}
    </div>
  )
}

interface RunsOutListProps {
  readonly forecast: ReturnType<typeof forecast>
  readonly days: number
}

const RunsOutList = ({ forecast: found, days }: RunsOutListProps): ReactElement => {
  const words = useWords(runsOutWords)
  const itemText = useWords(itemWords)
  const format = useFormat()
  const now = useNow(60_000)
  const dayIn = (left: number): string =>
    format.day(new Date(now + left * DAY_MS).toISOString().slice(0, 10))
  if (found.known === 0) {
    return <EmptyState title={words.noRate} detail={words.noRateDetail} />
  }
  return (
    <>
      {found.within.length === 0 ? (
        <EmptyState
          sign="✓"
          title={words.nothing(days)}
          detail={words.nothingDetail(found.known)}
        />
      ) : (
        <ul className="runs-out" aria-label={words.title}>
          {found.within.map(({ item, days: left, daily }) => (
            <li key={item.sku}>
              <a className="running-out" href={itemHref(item.sku)}>
                <span className="running-name">
                  <span className="strong">{item.name}</span>
                  <span className="row">
                    <StockMarks item={item} />
                    <span className="small muted">
                      {itemText.usableAt(item.usableQuantity, format.number(rounded(daily)))}
                    </span>
                  </span>
                </span>
                <span className="running-end">
                  <span className="strong">{itemText.lastsDays(left)}</span>
                  <span className="small muted">
                    {item.usableQuantity === 0 ? words.outNow : dayIn(left)}
                  </span>
                </span>
              </a>
            </li>
          ))}
        </ul>
      )}
      {found.unknown > 0 && <p className="small muted">{words.usesUnknown(found.unknown)}</p>}
    </>
  )
}
