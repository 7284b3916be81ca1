import './wall.css'
import { useConnection, useStock } from '@uzima/client/react'
import { useEffect, useMemo, useRef, useState, type ReactElement, type RefObject } from 'react'
import { commonWords } from '../i18n/common-words.js'
import { useFormat, useWords } from '../i18n/use-words.js'
import { FollowPage } from '../offline/newer-notice.js'
import { useNow } from '../shell/use-now.js'
import { Mark } from '../ui/mark.js'
import { EmptyState, ViewTitle } from '../ui/surfaces.js'
import { firstLotOf, needingAttention, type ItemWithAttention } from './attention.js'
import { stockWords } from './stock-words.js'

/** How long a page of the wall is shown, in milliseconds. */
const PAGE_MS = 15_000
/** Without word from the server for longer, nothing is shown: who looks from afar sees no small print. */
const STALE_MS = 60_000
const SOON_DAYS = 30
const DAY_MS = 86_400_000
/** Height of a line, in pixels; `wall.css` says the same. */
const LINE_HEIGHT = 88

/** For a screen that nobody touches: what needs attention, the most urgent first, page after page. */
export const WallView = (): ReactElement => {
  const words = useWords(stockWords)
  const { appName } = useWords(commonWords)
  const format = useFormat()
  const { lastContactAt, asOf } = useConnection()
  const now = useNow(1000)
  const lastDay = new Date(now + SOON_DAYS * DAY_MS).toISOString().slice(0, 10)
  const items = useStock()
  const all = useMemo(() => needingAttention(items, lastDay), [items, lastDay])
  const list = useRef<HTMLDivElement>(null)
  const { page, pages, shown } = usePages(all, list, now)

  if (asOf !== null && now - (lastContactAt ?? asOf) > STALE_MS) {
    return (
      <div className="wall wall-stale">
        <FollowPage />
        <ViewTitle>{words.wallStale(format.time(lastContactAt ?? asOf, now))}</ViewTitle>
        <p>{words.wallStaleDetail}</p>
      </div>
    )
  }
  return (
    <div className="wall">
      <FollowPage />
      <header className="wall-head">
        <ViewTitle>
          {appName} · {words.title}
        </ViewTitle>
        <p>
          {pages > 1 && <span className="muted">{words.wallPage(page + 1, pages)} · </span>}
          {format.time(now, now)}
        </p>
      </header>
      <div className="wall-list" ref={list}>
        {all.length === 0 && asOf !== null && <EmptyState sign="✓" title={words.wallFine} />}
        <ul>
          {shown.map((line) => (
            <WallLine key={line.item.sku} {...line} />
          ))}
        </ul>
      </div>
    </div>
  )
}

const WallLine = ({ item, attention }: ItemWithAttention): ReactElement => {
  const words = useWords(stockWords)
  const format = useFormat()
  const first = firstLotOf(item)
  const said = { out: words.out, expired: words.expired, low: words.low, soon: words.expiring }
  return (
    <li className="wall-line">
      <Mark kind={attention}>{said[attention]}</Mark>
      <span className="wall-name">{item.name}</span>
      <span className="wall-expiry muted">
        {first !== undefined && format.day(first.expiryDate)}
      </span>
      <span className="wall-quantity">
        {format.number(item.usableQuantity)} <span className="muted">{item.unit ?? ''}</span>
      </span>
    </li>
  )
}

interface Pages {
  /** From 0. */
  readonly page: number
  readonly pages: number
  readonly shown: readonly ItemWithAttention[]
}

/** Cuts the lines into pages as high as the screen, and turns them. */
const usePages = (
  all: readonly ItemWithAttention[],
  list: RefObject<HTMLElement | null>,
  now: number,
): Pages => {
  const [lines, setLines] = useState(8)
  useEffect(() => {
    const element = list.current
    if (element === null) return
    const observer = new ResizeObserver(() => {
      setLines(Math.max(1, Math.floor(element.clientHeight / LINE_HEIGHT)))
    })
    observer.observe(element)
    return () => {
      observer.disconnect()
    }
  }, [list])
  const pages = Math.max(1, Math.ceil(all.length / lines))
  const page = Math.floor(now / PAGE_MS) % pages
  // As many on each: a last page with one line looks as if nothing else were wrong.
  const perPage = Math.ceil(all.length / pages)
  return { page, pages, shown: all.slice(page * perPage, (page + 1) * perPage) }
}
