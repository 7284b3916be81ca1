/** What differs from the defaults; docs/security-figures.md names it. */
export const RIG_SETTINGS = {
  INVENTORY_UPDATE_ROLES: 'pharmacist',
  // Slow readers shall have megabytes queued when they are revoked, not be cut before.
  MAX_BUFFERED_BYTES: String(64 * 2 ** 20),
  // All clients share one address here.
  AUTH_FAILURES_PER_MINUTE: '1000000',
} as const
