import type { Item, Position } from '@uzima/contracts'
import type { KeptAlerts } from '../alerts-view.js'
import type { ConnectedUser } from '../connected-user.js'

/** The stock as it was kept for one person, and the alerts beside it. */
export interface KeptStock {
  /** For whom it was read, and under which role. */
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

/** Whose turn it is to keep a person's stock: one client object, which goes on from what it read or kept itself. */
export interface StockTurn {
  readonly writer: string
  /** This device's clock, in milliseconds since 1970; 0 gives the turn away. */
  readonly at: number
}

/** What has changed since the last time; kept as one, or not at all. */
export interface StockSave extends Omit<KeptStock, 'items'>, StockTurn {
  readonly items: readonly Item[]
  /** Items that are gone. */
  readonly removed: readonly string[]
  /** `items` is everything there is: what else was kept goes. */
  readonly whole: boolean
}

/**
 * - `saved`: it is kept, with its position.
 * - `whole_wanted`: what is kept is not what `writer` kept last: only everything can go on top of it.
 * - `others_turn`: another client (a tab) keeps this person's stock at present.
 */
export type SaveResult = 'saved' | 'whole_wanted' | 'others_turn'

/** Where the stock of each person is kept: `memoryStore`, `indexedDbStore`, or your own. */
export interface StockStore {
  /**
   * What is kept of this person; of whoever was kept last, where it is not said of whom. Null where nothing is. In the same
   * transaction takes the turn where nobody has it.
   */
  readonly read: (userId: string | undefined, turn: StockTurn) => Promise<KeptStock | null>
  readonly save: (change: StockSave) => Promise<SaveResult>
  /** Removes what is kept of this person. */
  readonly wipe: (userId: string) => Promise<void>
}

/** Milliseconds after its last save at which a client that has gone without a word gives its turn to another. */
export const TURN_MS = 30_000

/** Whether the turn is free for `turn`, or its own, after `last`. */
export const hasTurn = (turn: StockTurn, last: StockTurn | undefined): boolean =>
  last === undefined ||
  last.writer === turn.writer ||
  // A clock that was set back must not give anybody a turn for hours.
  Math.abs(turn.at - last.at) >= TURN_MS

/** What becomes of `save` after `last`. */
export const resultOf = (
  save: Pick<StockSave, 'writer' | 'at' | 'whole'>,
  last: StockTurn | undefined,
): SaveResult => {
  if (!hasTurn(save, last)) return 'others_turn'
  return save.whole || last?.writer === save.writer ? 'saved' : 'whole_wanted'
}
