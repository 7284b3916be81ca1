import {
  comeBackOf,
  ERRORS,
  type ErrorCode,
  type ErrorData,
  type WireError,
} from '@uzima/contracts'

export interface AppErrorOptions {
  /** What went wrong with this request and what to do about it; shown to the caller. No secret, no SQL. */
  readonly detail?: string
  /** Extra members for the answer, such as `{ requested, available }`. */
  readonly details?: Readonly<Record<string, unknown>>
  /** When the same attempt may succeed, in milliseconds from now. */
  readonly retryAfterMs?: number
  readonly cause?: unknown
}

/** A refusal with a stable code of the contract's table; everything a caller is told is in here. */
export class AppError extends Error {
  override readonly name = 'AppError'
  readonly code: ErrorCode
  readonly detail: string | undefined
  readonly details: Readonly<Record<string, unknown>>
  readonly retryAfterMs: number | undefined

  constructor(code: ErrorCode, options: AppErrorOptions = {}) {
    const { message, level } = ERRORS[code]
    // Where a refusal comes from is in its code. Walking the stack costs more than all else of refusing a forged token.
    const { stackTraceLimit } = Error
    if (level !== 'error') Error.stackTraceLimit = 0
    super(message, { cause: options.cause })
    Error.stackTraceLimit = stackTraceLimit
    this.code = code
    this.detail = options.detail
    this.details = options.details ?? {}
    this.retryAfterMs = options.retryAfterMs
  }
}

/** Turns anything thrown into an `AppError`; what is not ours becomes `INTERNAL` with the original as cause. */
export const toAppError = (error: unknown): AppError =>
  error instanceof AppError ? error : new AppError('INTERNAL', { cause: error })

/** Whether a person has to look into it, as against a caller who was refused or has to wait. */
export const isOurFault = ({ code }: AppError): boolean => ERRORS[code].level === 'error'

/** `{ code, retryable, needsNewToken?, retryAfterMs? }`: what a refused socket finds in `err.data`. */
export const errorData = (error: AppError): ErrorData => ({
  code: error.code,
  ...comeBackOf(error.code),
  ...(error.retryAfterMs === undefined ? {} : { retryAfterMs: error.retryAfterMs }),
})

/** The same with the message: what a socket is answered with, or told at its end. */
export const wireError = (error: AppError): WireError => ({
  ...errorData(error),
  message: error.message,
})
