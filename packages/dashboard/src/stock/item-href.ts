import { hrefOf, type Query } from '../shell/address.js'

/** The link to an item; `query` keeps the list beside it as it is. */
export const itemHref = (sku: string, query: Query = {}): string => hrefOf(['stock', sku], query)
