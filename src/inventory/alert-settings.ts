import type { Database } from '../storage/database.js'

/** When alerts of lots are raised, and when they go to more roles. */
export interface AlertSettings {
  readonly alertExpiringWithinDays: number
  readonly alertEscalateAfterMs: number
}

// All items are looked at anew in the same transaction.
const STATEMENT_TIMEOUT_MS = 3_600_000

/**
 * Settles for the whole cluster what the database raises and escalates alerts by; resolves to what it was before, where it
 * was something else.
 */
export const settleAlertSettings = async (
  database: Database,
  { alertExpiringWithinDays, alertEscalateAfterMs }: AlertSettings,
): Promise<AlertSettings | undefined> => {
  const before = await storedSettings(database)
  const changes = [
    ...(before.alertExpiringWithinDays === alertExpiringWithinDays
      ? []
      : [['alert_expiring_within_days', alertExpiringWithinDays] as const]),
    ...(before.alertEscalateAfterMs === alertEscalateAfterMs
      ? []
      : [['alert_escalate_after_ms', alertEscalateAfterMs] as const]),
  ]
  if (changes.length === 0) return undefined
  await database.transaction(
    async (tx) => {
      for (const [name, value] of changes) {
        await tx.query(
          `insert into settings (name, value) values ($1, $2)
            on conflict (name) do update set value = excluded.value`,
          [name, value.toString()],
        )
      }
    },
    { statementTimeoutMs: STATEMENT_TIMEOUT_MS },
  )
  return before
}

const storedSettings = async (database: Database): Promise<AlertSettings> => {
  const [stored] = await database.query<AlertSettings>(
    `select alert_expiring_within_days() as "alertExpiringWithinDays",
      (extract(epoch from alert_escalate_after()) * 1000)::bigint as "alertEscalateAfterMs"`,
  )
  if (stored === undefined) throw new Error('A query without a table has one row always.')
  return stored
}
