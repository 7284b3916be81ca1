import type { FeedName } from './history.js'

const HEAR_OF_LOW_STOCK = ['admin', 'inventory_manager', 'pharmacist']

/** Who receives what in a run: narrower than the default, so that a change of role opens and closes feeds. */
export const FEED_ROLES: Readonly<Record<FeedName, readonly string[]>> = {
  'inventory:update': ['admin', 'inventory_manager', 'pharmacist', 'doctor'],
  'inventory:lowStock': HEAR_OF_LOW_STOCK,
  // Those whom an alert is escalated to, by default, are among them.
  'alert:raised': HEAR_OF_LOW_STOCK,
  'alert:changed': HEAR_OF_LOW_STOCK,
}

export const isFeed = (name: string): name is FeedName => Object.hasOwn(FEED_ROLES, name)

/** Whether a role may receive a feed; undefined is a user who is nobody now. */
export const mayReceive = (name: FeedName, role: string | undefined): boolean =>
  role !== undefined && FEED_ROLES[name].includes(role)
