/** What a client's side of one connection was. Times are milliseconds since 1970 on the clock of this machine. */
export interface Attempt {
  readonly node: string
  readonly startedAt: number
  /** The position that was sent; undefined where it had none. */
  readonly asked: number | undefined
  connectedAt?: number
  /** What `connected` said. */
  position?: number
  resumed?: boolean
  endedAt?: number
  code?: string
  readonly resets: { readonly seq: number; readonly at: number }[]
  /** Numbers in the order of arrival, and when each arrived. */
  readonly seqs: number[]
  readonly times: number[]
}

export type Via = 'sql' | 'rest'

/** What a history did, as it was told to have been committed between two positions of the head. */
export interface Act {
  readonly what: 'grant' | 'revoke' | 'shorten' | 'role' | 'active' | 'sessions'
  readonly via: Via
  /** The head before, and after the COMMIT: its numbers lie behind the one, and not behind the other. */
  readonly after: number
  readonly until: number
  readonly grantId?: string
  readonly role?: string
  readonly isActive?: boolean
  /** Of a grant, in microseconds since 1970. */
  readonly from?: number
  readonly end?: number
}

/** All that is on record of one history on the test's side. */
export interface Recording {
  readonly index: number
  readonly userId: string
  readonly baseRole: string
  readonly client: 'light' | 'stock' | 'package'
  readonly acts: Act[]
  readonly attempts: Attempt[]
  /** What the client read instead of events: everything up to there. */
  readonly snapshots: number[]
}
