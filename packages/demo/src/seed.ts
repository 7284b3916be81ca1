import { formulary } from './formulary.js'
import { buildLots } from './lots.js'
import { demoUsers, type DemoCredential } from './users.js'

/** What answers one SQL statement with `$1`-style parameters. */
export interface DemoTransaction {
  readonly query: <Row>(sql: string, params?: readonly string[]) => Promise<Row[]>
}

/** What the data is written to: the server's own database fits as it is. */
export interface DemoDatabase extends DemoTransaction {
  readonly transaction: <T>(work: (tx: DemoTransaction) => Promise<T>) => Promise<T>
}

/** What the demonstration data needs from its caller. */
export interface DemoSeedOptions {
  /** `YYYY-MM-DD`; expiry dates are counted from it. */
  readonly today: string
  readonly hashPassword: (password: string) => Promise<string>
  /** Makes one password; called once for each user. */
  readonly generatePassword: () => string
}

/**
 * Fills an empty database (no item, no user but administrators) with the formulary, its lots and one
 * user of each role, all or nothing. Resolves to the new users' credentials, to be shown once, or to
 * an empty list where the database was not empty; several nodes may call it at once.
 */
export const seedDemoData = async (
  database: DemoDatabase,
  { today, hashPassword, generatePassword }: DemoSeedOptions,
): Promise<DemoCredential[]> => {
  // Asked before the passwords are hashed, which is slow on purpose, and again under the lock.
  if (!(await isEmpty(database))) return []
  const credentials = demoUsers.map((user) => ({ ...user, password: generatePassword() }))
  const hashes = await Promise.all(credentials.map(({ password }) => hashPassword(password)))
  const users = credentials.map(({ username, email, role }, index) => ({
    username,
    email,
    role,
    password_hash: hashes[index],
  }))

  return database.transaction(async (tx) => {
    await tx.query(`select pg_advisory_xact_lock(hashtext('uzima.demo'))`)
    if (!(await isEmpty(tx))) return []
    await tx.query(
      `select set_config('uzima.actor', 'demo', true), set_config('uzima.reason', 'opening stock', true)`,
    )
    await insertUsers(tx, users)
    // Items and lots commit together: an item is announced with its stock, not as empty and low.
    await insertItems(tx)
    await insertLots(tx, today)
    return credentials
  })
}

const isEmpty = async (sql: DemoTransaction): Promise<boolean> => {
  const [row] = await sql.query<{ empty: boolean }>(
    `select not exists (select from users where role <> 'admin')
        and not exists (select from inventory_items) as empty`,
  )
  return row?.empty === true
}

const insertUsers = async (tx: DemoTransaction, users: readonly object[]): Promise<void> => {
  await tx.query(
    `insert into users (username, email, role, password_hash)
     select username, email, role, password_hash
       from jsonb_to_recordset($1::text::jsonb)
         as r (username text, email text, role text, password_hash text)`,
    [JSON.stringify(users)],
  )
}

const insertItems = async (tx: DemoTransaction): Promise<void> => {
  await tx.query(
    `insert into inventory_items (sku, name, category, unit, threshold, metadata)
     select sku, name, category, unit, threshold, metadata
       from jsonb_to_recordset($1::text::jsonb)
         as r (sku text, name text, category text, unit text, threshold integer, metadata jsonb)`,
    [JSON.stringify(formulary)],
  )
}

const insertLots = async (tx: DemoTransaction, today: string): Promise<void> => {
  await tx.query(
    `insert into inventory_lots (sku, lot_number, quantity, expiry_date, received_at)
     select sku, "lotNumber", quantity, "expiryDate", "receivedAt"
       from jsonb_to_recordset($1::text::jsonb)
         as r (sku text, "lotNumber" text, quantity integer, "expiryDate" date, "receivedAt" timestamptz)`,
    [JSON.stringify(buildLots(formulary, { today }))],
  )
}
