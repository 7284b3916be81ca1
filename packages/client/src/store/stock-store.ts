import type { Item, Position } from '@uzima/contracts'
import type { KeptAlerts } from '../alerts-view.js'
import type { ConnectedUser } from '../connected-user.js'
import { isOlder } from '../ordered-delivery.js'

/** The stock as it was kept for one person, and the alerts beside it. */
export interface KeptStock {
  /** For whom it was read, and under which roles; what an older version has kept has no `roles`. */
  readonly user: ConnectedUser
  readonly position: Position
  /** When it was last known to be complete, by the server's clock in milliseconds since 1970. */
  readonly asOf: number
  /** What had to be added to the device's clock to get the server's, in milliseconds. */
  readonly clockOffsetMs: number
  readonly items: readonly Item[]
  /** What the same person saw beside it. Undefined in what an older version has kept. */
  readonly alerts?: KeptAlerts | undefined
}

/** What has changed since the last time; kept as one, or not at all. */
export interface StockSave extends KeptStock {
  /** What has changed since this position, in `items` and `removed`; null: `items` is everything there is. */
  readonly since: Position | null
  /** Items that are gone. */
  readonly removed: readonly string[]
}

/**
 * - `saved`: it is kept, with its position.
 * - `newer_kept`: another client (a tab) has kept this person's stock at a later position; that stays.
 * - `whole_wanted`: what is kept is older than `since`, or of another log: only everything can go on top of it.
 */
export type SaveResult = 'saved' | 'newer_kept' | 'whole_wanted'

/** Where the stock of each person is kept: `memoryStore`, `indexedDbStore`, or your own. Several clients may share it. */
export interface StockStore {
  /** What is kept of this person; of whoever was kept last, where it is not said of whom. Null where nothing is. */
  readonly read: (userId: string | undefined) => Promise<KeptStock | null>
  readonly save: (change: StockSave) => Promise<SaveResult>
  /** Removes what is kept of this person. */
  readonly wipe: (userId: string) => Promise<void>
}

/**
 * What becomes of `save` where the stock of `kept` is kept. Whoever kept it: what has changed from before that position until
 * after it makes of the one stock the other.
 */
export const resultOf = (
  { position, since }: Pick<StockSave, 'position' | 'since'>,
  kept: Pick<KeptStock, 'position'> | undefined,
): SaveResult => {
  if (kept?.position.epoch === position.epoch && kept.position.seq > position.seq) {
    return 'newer_kept'
  }
  if (since === null) return 'saved'
  return kept === undefined || isOlder(kept.position, since) ? 'whole_wanted' : 'saved'
}
