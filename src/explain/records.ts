import type { Role } from '@uzima/contracts'
import type { Feeds } from '../log/audience.js'

/** What is kept of an entry, also after retention has taken its payload. */
export interface EntryHeader {
  readonly seq: number
  readonly name: string
  readonly audience: string
  readonly ref: string | null
  readonly at: Date
}

/** A user's rights from number `seq` on. */
export interface RightChange {
  readonly seq: number
  readonly at: Date
  readonly username: string | null
  /** The role of his own. */
  readonly role: Role | null
  /** In force, with what is granted. */
  readonly roles: readonly Role[]
  readonly isActive: boolean
  readonly isDeleted: boolean
  /** Null: how it was when the record began. */
  readonly actor: string | null
  readonly grants: readonly GrantInForce[]
}

/** Times are ISO 8601. */
export interface GrantInForce {
  readonly id: string
  readonly role: Role
  readonly kind: string
  readonly from: string
  readonly until: string
  readonly by: string
}

export interface Rights {
  readonly userId: string
  /** By their number. */
  readonly changes: readonly RightChange[]
  /** From this number on, who has no change had no account. */
  readonly completeFrom: number
}

/** Everything up to `seq` had happened by `at`. */
export interface Mark {
  readonly seq: number
  readonly at: Date
}

/** One process of a node, from its start to its end. */
export interface NodeRun {
  readonly id: string
  /** Of the node. */
  readonly name: string
  readonly startedAt: Date
  readonly endedAt: Date | null
  /** The last sign of life of a run that others took for dead; undefined for one that was not. Null: not on record. */
  readonly lastSignAt: Date | null | undefined
  /** Who received which feed there; null for a run of a version that kept no such records. */
  readonly feeds: Feeds | null
  /** What idle sockets had been handed, by its number. */
  readonly progress: readonly Mark[]
}

/** A time in which something waited for a session in its node: what follows `from`, up to `until`. Null: until its end. */
export interface Lag {
  readonly from: number
  readonly until: number | null
  readonly untilAt: Date | null
}

/** What is on record of one session and its stream of entries; migration 0029 tells how to read it. */
export interface DeliveryRecord {
  readonly socketId: string
  readonly node: string
  readonly run: string
  readonly connectedAt: Date
  readonly how: 'live' | 'replay' | 'snapshot'
  /** Where its client said that it was. */
  readonly askedSeq: number | null
  /** From here on it was live; null while it was not. */
  readonly joinedSeq: number | null
  /** Everything up to here that it might see was handed to the network, says the record. */
  readonly writtenUpTo: number
  /** When nothing waited for it for the first time. */
  readonly writtenAt: Date | null
  readonly lags: readonly Lag[]
  readonly appliedSeq: number | null
  readonly appliedAt: Date | null
  readonly applied: readonly Mark[]
  readonly closedAt: Date | null
  readonly code: string | null
  /** Whether its end is on record here, and not by the connection log alone: `writtenUpTo` is then how it ended. */
  readonly isFinal: boolean
}

/** A connection that was accepted and has no record of its stream. */
export interface BareConnection {
  readonly socketId: string
  readonly node: string
  readonly run: string
  readonly at: Date
  readonly closedAt: Date | null
}

/** All that is known for one user and some entries. */
export interface Records {
  readonly rights: Rights
  readonly deliveries: readonly DeliveryRecord[]
  readonly bare: readonly BareConnection[]
  /** By id: those that lived at the time, and those of the deliveries. */
  readonly runs: ReadonlyMap<string, NodeRun>
  /** When the records were read, by the database's clock. */
  readonly readAt: Date
}
