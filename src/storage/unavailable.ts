import { sqlState } from './database.js'

/**
 * SQLSTATEs (PostgreSQL appendix A) of what another try may find mended: connections (08), transactions that lost to others
 * or took too long (25P0x, 40), resources (53), locks (55P03), the operator's hand (57), the system below (58).
 */
const STATE = /^(?:08|40|53|57|58)[0-9A-Z]{3}$|^25P0[34]$|^55P03$/
/** What Node says of a connection. */
const CODE =
  /^(?:ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN)$/
/** What `pg` throws without a code. */
const MESSAGE =
  /^(?:timeout exceeded when trying to connect|Connection terminated|Query read timeout|Client has encountered a connection error)/

/** SQLSTATE of a statement that writes where nothing can be written. */
export const READ_ONLY = '25006'

/** SQLSTATE of a statement that has waited for a lock for as long as it may. */
const LOCK_NOT_AVAILABLE = '55P03'

/** Whether the database cannot do now what it may do later, through no fault of the statement. */
export const isUnavailable = (thrown: unknown): boolean => {
  const state = sqlState(thrown) ?? ''
  return (
    isReadOnly(thrown) ||
    STATE.test(state) ||
    CODE.test(state) ||
    (thrown instanceof Error && MESSAGE.test(thrown.message))
  )
}

/** Whether a statement was refused because nothing can be written now: a standby, or one that was made read-only. */
export const isReadOnly = (thrown: unknown): boolean => sqlState(thrown) === READ_ONLY

/** Whether a statement was refused because somebody else holds what it needs. */
export const isLocked = (thrown: unknown): boolean => sqlState(thrown) === LOCK_NOT_AVAILABLE
