import type { StockQuery } from '@uzima/client'
import { hrefOf } from '../shell/address.js'

/** Items whose stock expires within this many days count as expiring; expired ones that are still there do too. */
export const EXPIRING_WITHIN_DAYS = 90

export const SHOWS = ['all', 'low', 'expired', 'expiring'] as const
export type Show = (typeof SHOWS)[number]

export const SORTS = ['name', 'sku', 'quantity', 'expiry'] as const
export type Sort = (typeof SORTS)[number]

/** What the list shows, as its address says it: a link to it can be shared. */
export interface ListState {
  readonly show: Show
  readonly search: string
  readonly category: string
  readonly sort: Sort
}

export const readList = (query: URLSearchParams): ListState => ({
  show: SHOWS.find((show) => show === query.get('show')) ?? 'all',
  search: query.get('q') ?? '',
  category: query.get('category') ?? '',
  sort: SORTS.find((sort) => sort === query.get('sort')) ?? 'name',
})

/** The link to the list in this state, with the item of `sku` open where one is named. */
export const listHref = ({ show, search, category, sort }: ListState, sku?: string): string =>
  hrefOf(sku === undefined ? ['stock'] : ['stock', sku], {
    show: show === 'all' ? undefined : show,
    q: search,
    category,
    sort: sort === 'name' ? undefined : sort,
  })

/** What the client is asked for `state`, without the search. */
export const filterOf = ({ show, category, sort }: Omit<ListState, 'search'>): StockQuery => ({
  ...SHOWN[show],
  ...(category === '' ? {} : { category }),
  sort,
})

const SHOWN: Readonly<Record<Show, StockQuery>> = {
  all: {},
  low: { low: true },
  expired: { expired: true },
  expiring: { expiringWithinDays: EXPIRING_WITHIN_DAYS },
}
