/** What keeps Redis from being relied on, as `/health/ready` names it and docs/operations.md explains it. */
export const REDIS_REASONS = [
  'unreachable',
  'no_answer',
  'login_refused',
  'tls_expected',
  'tls_not_spoken',
  'tls_refused',
  'protected',
  'too_many_clients',
  'database_number',
  'loading',
  'no_publish',
  'no_subscribe',
  'no_keys',
  'read_only',
  'full',
  'not_saving',
  'no_replicas',
  'cluster',
  'failed',
] as const
export type RedisReason = (typeof REDIS_REASONS)[number]

/** How Redis is, as the last probe of what we rely on has found it. */
export interface RedisState {
  /** `degraded`: either messages between nodes or the keys (places, presence) do not work. `down`: neither does. */
  readonly state: 'up' | 'degraded' | 'down'
  /** Left out while all is well, and before the first probe. */
  readonly reason?: RedisReason
  /** Whether what one node publishes reaches the others. */
  readonly messages: boolean
  /** Whether keys can be written. */
  readonly keys: boolean
}
