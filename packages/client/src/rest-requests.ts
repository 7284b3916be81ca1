import type { Alert, AlertKind, AttemptOutcome } from '@uzima/contracts'

export interface PageRequest {
  readonly limit?: number
  readonly cursor?: string
}

export interface InventoryRequest extends PageRequest {
  readonly search?: string
  readonly category?: string
  readonly lowStock?: boolean
  readonly expiringWithinDays?: number
}

export interface AlertsRequest extends PageRequest {
  /** `unresolved`: open or acknowledged. */
  readonly state?: Alert['state'] | 'unresolved'
  readonly kind?: AlertKind
  readonly sku?: string
}

export interface BreakGlassRequest extends PageRequest {
  /** Of the review. */
  readonly state?: 'open' | 'closed'
}

export interface AttemptsRequest extends PageRequest {
  readonly userId?: string
  readonly outcome?: AttemptOutcome
  /** ISO 8601: from this moment on. */
  readonly since?: string
  /** ISO 8601: before this moment. */
  readonly until?: string
}

export interface RevocationsRequest extends PageRequest {
  readonly userId?: string
}

export interface ExplainRequest {
  /** This, or `username`. */
  readonly userId?: string
  readonly username?: string
  readonly seq: number
}

export interface EventsRequest {
  readonly since?: number
  readonly epoch?: string
  readonly limit?: number
}

export interface WriteOptions {
  /**
   * Says that this call repeats an earlier one whose outcome is unknown: the server does it once, and
   * answers both alike. Default: a new key, so a new movement.
   */
  readonly idempotencyKey?: string
}
