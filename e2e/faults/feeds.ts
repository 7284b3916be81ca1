import type { FeedName } from './history.js'

/** Who receives what in a run: narrower than the default, so that a change of role opens and closes feeds. */
export const FEED_ROLES: Readonly<Record<FeedName, readonly string[]>> = {
  'inventory:update': ['admin', 'inventory_manager', 'pharmacist', 'doctor'],
  'inventory:lowStock': ['admin', 'inventory_manager', 'pharmacist'],
}

export const isFeed = (name: string): name is FeedName => Object.hasOwn(FEED_ROLES, name)

/** Whether a role may receive a feed; undefined is a user who is nobody now. */
export const mayReceive = (name: FeedName, role: string | undefined): boolean =>
  role !== undefined && FEED_ROLES[name].includes(role)
