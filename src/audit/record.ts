import { ERRORS, isErrorCode } from '@uzima/contracts'
import { redactLine } from '../observability/redact.js'
import type { LogContent } from './chain.js'

/** An attempt to connect, or the end of a connection. Every field may come from a stranger, except the outcome. */
export interface ConnectionRecord extends Omit<LogContent, 'at' | 'count'> {
  readonly at: Date
}

/** Longest texts that are kept, in UTF-16 code units. */
const MAX = {
  code: 64,
  userId: 200,
  ip: 64,
  userAgent: 256,
  origin: 256,
  transport: 32,
  socketId: 64,
}

/**
 * Makes a record safe to keep: texts cut to their bounds, control characters escaped (so that no line can be forged),
 * anything that looks like a token or a credential replaced. Fields beyond those of `ConnectionRecord` are left out.
 */
export const toContent = (record: ConnectionRecord): LogContent => ({
  at: iso(record.at),
  outcome: record.outcome,
  code: clean(record.code, MAX.code),
  userId: clean(record.userId, MAX.userId),
  ip: clean(record.ip, MAX.ip),
  userAgent: clean(record.userAgent, MAX.userAgent),
  origin: clean(record.origin, MAX.origin),
  transport: clean(record.transport, MAX.transport),
  socketId: clean(record.socketId, MAX.socketId),
  count: 1,
})

/** Level of the log line: our own faults stand out, a refused stranger does not. */
export const levelOf = ({ outcome, code }: LogContent): 'info' | 'warn' | 'error' =>
  outcome === 'accepted' || !isErrorCode(code) ? 'info' : ERRORS[code].level

/** The moment with six digits after the second, as `LogContent.at` wants it. An invalid one becomes now. */
export const iso = (at: Date): string =>
  `${(Number.isNaN(at.getTime()) ? new Date() : at).toISOString().slice(0, -1)}000Z`

// C0, DEL, C1, and the two line separators of Unicode.
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g
const LONE_SURROGATE = /\p{Surrogate}/gu

/** Almost all texts; the other checks are for what is left. */
const PRINTABLE_ASCII = /^[\x20-\x7e]*$/

const clean = (text: string | null, max: number): string | null => {
  if (text === null) return null
  const redacted = redactLine(text)
  if (PRINTABLE_ASCII.test(redacted)) return redacted.slice(0, max)
  return redacted.replace(CONTROL, escapeControl).slice(0, max).replace(LONE_SURROGATE, '\ufffd')
}

const escapeControl = (character: string): string =>
  `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
