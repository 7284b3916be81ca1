import {
  roleSchema,
  type AlertEvent,
  type BreakGlassEvent,
  type InventoryUpdate,
  type JsonObject,
  type LowStock,
} from '@uzima/contracts'
import { z } from 'zod'

/** What every entry of the log has: its number, for whom it is (an `Audience` or `user:<id>`), and its COMMIT. */
interface Entry<Name extends string, Payload> {
  readonly seq: number
  readonly name: Name
  readonly audience: string
  /** Exactly what goes over the wire, for the entries that do. */
  readonly payload: Payload
  readonly at: Date
}

/** Entries that clients receive as the event of the same name. */
export type PublicEntry =
  | Entry<'inventory:update', InventoryUpdate>
  | Entry<'inventory:lowStock', LowStock>
  | Entry<'alert:raised', AlertEvent>
  | Entry<'alert:changed', AlertEvent>
  | Entry<'break_glass:opened', BreakGlassEvent>
  | Entry<'break_glass:reviewed', BreakGlassEvent>

/** A user as committed; `ended` names the right that the change took away, if any. */
export type UserChanged = Entry<'user:changed', z.infer<typeof userChangedSchema>>

/** One login session ended before its time. */
export type SessionEnded = Entry<'session:ended', z.infer<typeof sessionEndedSchema>>

/** Of a name that this version does not know: a newer node has brought the database up to date. */
export type ForeignEntry = Entry<'foreign', JsonObject>

/** One numbered entry of the log. */
export type LogEntry = PublicEntry | UserChanged | SessionEnded | ForeignEntry

/** An entry as the table holds it. */
export interface EntryRow {
  readonly seq: number
  readonly name: string
  readonly audience: string
  readonly payload: JsonObject
  readonly at: Date
}

/**
 * Reads a row of `event_log`; never throws, because one row must not stop the log. The payload stays the object that it
 * is. What concerns a right is checked here: of a user that cannot be read nothing is known, so he counts as deleted.
 */
export const toLogEntry = (row: EntryRow): LogEntry => {
  switch (row.name) {
    case 'inventory:update':
      // The database builds it with the view that REST reads; a test holds both against the contract.
      return { ...row, name: row.name, payload: row.payload as InventoryUpdate }
    case 'inventory:lowStock':
      return { ...row, name: row.name, payload: row.payload as LowStock }
    case 'alert:raised':
    case 'alert:changed':
      return { ...row, name: row.name, payload: row.payload as AlertEvent }
    case 'break_glass:opened':
    case 'break_glass:reviewed':
      return { ...row, name: row.name, payload: row.payload as BreakGlassEvent }
    case 'user:changed': {
      const { data } = userChangedSchema.safeParse(row.payload)
      return { ...row, name: row.name, payload: data ?? deletedUser(row.audience) }
    }
    case 'session:ended': {
      const { data } = sessionEndedSchema.safeParse(row.payload)
      if (data !== undefined) return { ...row, name: row.name, payload: data }
      // Which session is not known: all of the user's are looked at.
      return { ...row, name: 'user:changed', payload: deletedUser(row.audience) }
    }
    default:
      return { ...row, name: 'foreign' }
  }
}

/** Whether clients receive the entry; the others are for the nodes. */
export const isPublic = (entry: LogEntry): entry is PublicEntry => isPublicName(entry.name)

/** Whether entries of that name are events for clients. */
export const isPublicName = (name: string): name is PublicEntry['name'] =>
  name === 'inventory:update' ||
  name === 'inventory:lowStock' ||
  name === 'alert:raised' ||
  name === 'alert:changed' ||
  name === 'break_glass:opened' ||
  name === 'break_glass:reviewed'

/** Whether a right may have ended with it: those have a row in `revocations` (migration 0007). */
export const endsRight = (entry: LogEntry): entry is UserChanged | SessionEnded =>
  entry.name === 'session:ended' || (entry.name === 'user:changed' && entry.payload.ended !== null)

const userChangedSchema = z.discriminatedUnion('deleted', [
  z.looseObject({
    deleted: z.literal(false),
    userId: z.string(),
    username: z.string(),
    role: roleSchema,
    /** Missing in entries from before migration 0034. */
    roles: z.array(roleSchema).optional(),
    isActive: z.boolean(),
    authVersion: z.int(),
    tokensNotBefore: z.iso.datetime().nullable(),
    ended: z.string().nullable(),
  }),
  z.looseObject({ deleted: z.literal(true), userId: z.string(), ended: z.string().nullable() }),
])

const sessionEndedSchema = z.looseObject({ userId: z.string(), sessionId: z.string() })

const deletedUser = (audience: string): UserChanged['payload'] => ({
  deleted: true,
  userId: audience.replace(/^user:/, ''),
  ended: 'unreadable',
})
