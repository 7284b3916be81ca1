/** What an entry of the log is, for who may see it. */
export type Feed = 'stock' | 'low'

/** Who receives what, as the nodes are told; the oracle goes by it and by nothing of theirs. */
export const FEEDS: Readonly<Record<Feed, readonly string[]>> = {
  stock: ['admin', 'inventory_manager', 'pharmacist'],
  low: ['admin', 'inventory_manager'],
}

const FEED_OF: Readonly<Record<string, Feed>> = {
  'inventory:update': 'stock',
  'inventory:lowStock': 'low',
  'alert:raised': 'low',
  'alert:changed': 'low',
}

/** Undefined for what is for no client. */
export const feedOf = (name: string): Feed | undefined => FEED_OF[name]

export const sees = (roles: readonly string[], feed: Feed): boolean =>
  roles.some((role) => FEEDS[feed].includes(role))
