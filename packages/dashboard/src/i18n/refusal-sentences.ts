import type { ClientErrorCode } from '@uzima/client'
import type { ErrorCode } from '@uzima/contracts'

/** The numbers that a refusal brings; which of them are there depends on the code. */
export interface RefusalNumbers {
  readonly requested: number | undefined
  readonly available: number | undefined
  readonly expected: number | undefined
  readonly actual: number | undefined
  /** When the server asks to come back, in milliseconds. */
  readonly retryAfterMs: number | undefined
  /** The fields that are wrong, by the names of the interface. */
  readonly fields: readonly string[]
}

/** A sentence for each code, for the person who pressed the button: what is so, and what helps. */
export type RefusalSentences = Readonly<
  Record<ErrorCode | ClientErrorCode, (numbers: RefusalNumbers) => string>
> & {
  /** For a code of a server that is newer than this page. */
  readonly unknown: () => string
  /** For an attempt to write whose answer did not come. */
  readonly unsure: () => string
  /** Puts a field of the interface into words; undefined for one that no person fills in. */
  readonly fieldName: (field: string) => string | undefined
}
