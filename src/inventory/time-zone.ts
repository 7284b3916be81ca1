import { sqlState, type Database } from '../storage/database.js'

/** The clinic's time zone after `settleTimeZone`, and what it was before, where it was another. */
export interface SettledTimeZone {
  readonly zone: string
  readonly before?: string
}

/**
 * Settles when a day ends. The cluster has one time zone, kept in the database: `asked` changes it; where nobody asks, the
 * database keeps the one that it has, and a new one gets that of this machine. Throws an `Error` for the person who starts
 * the server where the database does not know the name.
 */
export const settleTimeZone = async (
  database: Database,
  asked: string | undefined,
  ofMachine: string = Intl.DateTimeFormat().resolvedOptions().timeZone,
): Promise<SettledTimeZone> => {
  const before = await storedZone(database)
  const wanted = asked ?? before ?? ofMachine
  if (before?.toLowerCase() === wanted.toLowerCase()) return { zone: before }
  await store(database, wanted, { overwrite: asked !== undefined })
  const zone = (await storedZone(database)) ?? wanted
  return before === undefined || before === zone ? { zone } : { zone, before }
}

const storedZone = async (database: Database): Promise<string | undefined> =>
  (
    await database.query<{ value: string }>(`select value from settings where name = 'time_zone'`)
  )[0]?.value

// All expiries are worked out anew in the same transaction.
const STATEMENT_TIMEOUT_MS = 3_600_000
const INVALID_PARAMETER_VALUE = '22023'

const store = async (
  database: Database,
  zone: string,
  { overwrite }: { readonly overwrite: boolean },
): Promise<void> => {
  try {
    await database.transaction(
      (tx) =>
        tx.query(
          `insert into settings (name, value) values ('time_zone', $1)
            on conflict (name) do ${overwrite ? 'update set value = excluded.value' : 'nothing'}`,
          [zone],
        ),
      { statementTimeoutMs: STATEMENT_TIMEOUT_MS },
    )
  } catch (error) {
    if (sqlState(error) !== INVALID_PARAMETER_VALUE) throw error
    throw new Error(
      `TIME_ZONE: the database knows no time zone ${zone}. Set one that its pg_timezone_names lists, such as Africa/Nairobi.`,
      { cause: error },
    )
  }
}
