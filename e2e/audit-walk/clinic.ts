import { randomBytes } from 'node:crypto'
import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { checkpointSchema } from '@uzima/contracts'
import { expect } from 'vitest'
import { createTestDatabase, testRedisUrl, type TestDatabase } from '../../test/support/world.js'
import { startNode } from '../rig/nodes.js'
import { follow } from '../rig/stock-follower.js'
import { signToken } from '../rig/tokens.js'

const A_DAY_MS = 86_400_000

/** What happened, as those who were there know it. */
export interface Happened {
  /** Between the first movements and the end of juma's access: he was connected, and so was zawadi. */
  readonly noon: string
  readonly ids: { readonly juma: string; readonly zawadi: string }
  readonly revokedAt: string
}

/**
 * A clinic of two nodes lives: users, movements over REST and SQL, connections, an end of access. Then its administrator writes the
 * three files for the auditor into `folder`: export.jsonl, checkpoint.txt, keys.txt; older.txt is a checkpoint from before.
 */
export const liveAndHandOver = async (folder: string, movements: number): Promise<Happened> => {
  await using database = await createTestDatabase()
  const cluster = {
    secret: randomBytes(48).toString('base64url'),
    databaseUrl: database.url,
    redisUrl: testRedisUrl(),
  }
  const [zawadi, juma] = [
    await addUser(database, 'zawadi', 'admin'),
    await addUser(database, 'juma', 'doctor'),
  ]
  const locum = await addUser(database, 'locum', 'educator')
  await stockUp(database)
  const token = signToken(cluster.secret, zawadi)
  const nodes = await Promise.all([startNode('ward-a', cluster), startNode('ward-b', cluster)])
  const [one, two] = nodes
  const followers = [follow(one.url, token), follow(two.url, signToken(cluster.secret, juma))]
  try {
    for (const follower of followers) await expect.poll(follower.connects).toBe(1)
    await one.api(token, 'POST', '/api/inventory/AMOX/consume', {
      quantity: 3,
      reason: 'ward round',
    })
    await one.api(token, 'POST', `/api/users/${locum}/grants`, {
      role: 'pharmacist',
      validUntil: new Date(Date.now() + A_DAY_MS).toISOString(),
      reason: 'the night shift',
    })
    await breakGlass(database, locum, zawadi)
    for (let n = 0; n < movements; n += 1) {
      await database.query(
        `update inventory_lots set quantity = quantity + 1 where lot_number = 'L2'`,
      )
    }
    await expect.poll(() => accepted(database)).toBe(2)
    const older = checkpointSchema.parse(await one.api(token, 'POST', '/api/checkpoints'))
    const noon = await now(database)
    await one.api(token, 'PATCH', `/api/users/${juma}`, { isActive: false })
    await expect.poll(() => acknowledged(database)).toHaveLength(2)
    await one.api(token, 'POST', '/api/inventory/AMOX/consume', { quantity: 2 })
    const say = async (args: readonly string[], env: Readonly<Record<string, string>>) => {
      const { code, stdout, stderr } = await uzima(['audit', ...args], folder, env)
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
      return stdout
    }
    const inDatabase = { DATABASE_URL: database.url ?? '' }
    await writeFile(join(folder, 'older.txt'), older.note)
    await writeFile(
      join(folder, 'checkpoint.txt'),
      await say(['checkpoint'], { UZIMA_URL: two.url, UZIMA_TOKEN: token }),
    )
    await writeFile(join(folder, 'keys.txt'), await say(['key'], inDatabase))
    await say(['export', 'export.jsonl'], inDatabase)
    const [revoked] = await database.query<{ at: string }>(
      'select iso_time(committed_at) as at from revocations where ended = $1',
      ['deactivated'],
    )
    return { noon, ids: { juma, zawadi }, revokedAt: revoked?.at ?? '' }
  } finally {
    for (const { socket } of followers) socket.disconnect()
    await Promise.all(nodes.map((node) => node.stop()))
  }
}

const addUser = async (database: TestDatabase, name: string, role: string): Promise<string> => {
  const [row] = await database.query<{ id: string }>(
    `insert into users (username, email, role) values ($1, $1 || '@clinic.example', $2) returning id`,
    [name, role],
  )
  return row?.id ?? ''
}

const stockUp = (database: TestDatabase): Promise<void> =>
  database.script(`
    begin;
    select set_config('uzima.actor', 'delivery', true);
    insert into inventory_items (sku, name, threshold) values ('AMOX', 'Amoxicillin', 5);
    insert into inventory_lots (sku, lot_number, quantity, expiry_date)
      values ('AMOX', 'L1', 10, '2098-01-31'), ('AMOX', 'L2', 10, '2099-01-31');
    commit`)

/** Taken, given back and reviewed by somebody else. */
const breakGlass = async (
  database: TestDatabase,
  user: string,
  reviewer: string,
): Promise<void> => {
  const [grant] = await database.query<{ id: string }>(
    `insert into role_grants (user_id, role, kind, valid_until, reason, granted_by)
     values ($1, 'inventory_manager', 'break_glass', log_now() + interval '10 minutes', 'a bus accident', 'locum') returning id::text`,
    [user],
  )
  const id = grant?.id ?? ''
  await database.query('update role_grants set revoked_at = log_now() where id = $1', [id])
  await database.query(
    `update role_grants set reviewed_by = $2, review_note = 'it was right' where id = $1`,
    [id, reviewer],
  )
}

const acknowledged = (database: TestDatabase): Promise<unknown[]> =>
  database.query(
    `select from revocation_acks join revocations using (seq) where ended = 'deactivated'`,
  )

const accepted = async (database: TestDatabase): Promise<number> =>
  (await database.query(`select from connection_log where outcome = 'accepted'`)).length

const now = async (database: TestDatabase): Promise<string> => {
  const [row] = await database.query<{ at: string }>('select iso_time(clock_timestamp()) as at')
  return row?.at ?? ''
}

/** What a command said. */
export interface Said {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** Runs the built command line in `folder` with an environment of nothing but `env`: no setting, no database, no DATA_DIR. */
export const uzima = (
  args: readonly string[],
  folder: string,
  env: Readonly<Record<string, string>> = {},
): Promise<Said> =>
  new Promise((resolve) => {
    const cli = fileURLToPath(new URL('../../dist/cli.js', import.meta.url))
    execFile(
      process.execPath,
      [cli, ...args],
      { cwd: folder, env, maxBuffer: 1e9 },
      (error, stdout, stderr) => {
        resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr })
      },
    )
  })
