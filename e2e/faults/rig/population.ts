import { randomBytes } from 'node:crypto'
import type { Client } from 'pg'
import { createPasswords } from '../../../src/auth/passwords.js'
import type { Rig } from './rig.js'

/** A user of the run, with the role that he has when nobody has changed it. */
export interface RigUser {
  readonly id: string
  readonly username: string
  readonly role: string
  /** Comes with a session that he has begun with the password of the population; else with a token of another issuer. */
  readonly logsIn: boolean
}

export interface Population {
  readonly admin: RigUser
  readonly writers: readonly RigUser[]
  /** Those whose rights are taken and given back. */
  readonly subjects: readonly RigUser[]
  /** Those who listen and are left alone. */
  readonly listeners: readonly RigUser[]
  /** For the drills alone, so that nobody else takes their rights meanwhile. */
  readonly drilled: readonly [RigUser, RigUser]
  /** Those who log in, look, and go. The first is the one whose password is guessed at. */
  readonly newcomers: readonly RigUser[]
  /** Of all who log in. */
  readonly password: string
  readonly skus: readonly string[]
}

export const LOTS_PER_ITEM = 3

export interface PopulationOptions {
  readonly writers: number
  readonly subjects: number
  readonly listeners: number
  readonly items: number
  /** How many of the subjects log in. */
  readonly members?: number
  readonly newcomers?: number
}

/** Makes users and stock by plain SQL, before the clients come. One item in eight has a lot that has expired. */
export const populate = (rig: Rig, options: PopulationOptions): Promise<Population> => {
  return rig.sql(async (client) => {
    const password = randomBytes(12).toString('hex')
    const passwordHash = await createPasswords().hash(password)
    const people = async (
      prefix: string,
      count: number,
      roles: readonly string[],
      whoLogIn = 0,
    ): Promise<RigUser[]> => {
      const made: RigUser[] = []
      for (let index = 1; index <= count; index += 1) {
        const hash = index <= whoLogIn ? passwordHash : null
        const role = roles[index % roles.length]
        made.push(await makeUser(client, `${prefix}-${String(index)}`, hash, role))
      }
      return made
    }
    const [admin] = await people('rig-admin', 1, ['admin'])
    const [first, second] = await people('drilled', 2, ['pharmacist'])
    if (admin === undefined || first === undefined || second === undefined) {
      throw new Error('Users were not made.')
    }
    return {
      admin,
      writers: await people('writer', options.writers, ['inventory_manager']),
      subjects: await people(
        'subject',
        options.subjects,
        ['pharmacist', 'doctor'],
        options.members ?? 0,
      ),
      listeners: await people('listener', options.listeners, ['pharmacist', 'doctor', 'admin']),
      drilled: [first, second],
      newcomers: await people(
        'newcomer',
        options.newcomers ?? 0,
        ['pharmacist', 'doctor'],
        options.newcomers ?? 0,
      ),
      password,
      skus: await makeItems(client, options.items),
    }
  })
}

const makeUser = async (
  client: Client,
  username: string,
  passwordHash: string | null,
  role = 'doctor',
): Promise<RigUser> => {
  const { rows } = await client.query<{ id: string }>(
    'insert into users (username, email, role, password_hash) values ($1, $2, $3, $4) returning id',
    [username, `${username}@faults.test`, role, passwordHash],
  )
  return { id: rows[0]?.id ?? '', username, role, logsIn: passwordHash !== null }
}

const makeItems = async (client: Client, count: number): Promise<string[]> => {
  const skus = Array.from(
    { length: count },
    (_, index) => `MED-${String(index + 1).padStart(3, '0')}`,
  )
  for (const [index, sku] of skus.entries()) {
    await client.query('begin')
    await client.query(`select set_config('uzima.actor', 'seed', true)`)
    await client.query('insert into inventory_items (sku, name, threshold) values ($1, $2, 100)', [
      sku,
      `Medicine ${String(index + 1)}`,
    ])
    for (let lot = 1; lot <= LOTS_PER_ITEM; lot += 1) {
      await client.query(
        `insert into inventory_lots (sku, lot_number, quantity, expiry_date)
          values ($1, $2, 80, (now() at time zone 'UTC')::date + $3::integer)`,
        [sku, lotNumber(lot), index % 8 === 0 && lot === 1 ? -30 : 30 * lot + (index % 7)],
      )
    }
    await client.query('commit')
  }
  return skus
}

/** Lots are numbered against their expiry, so that the order by number alone is wrong. */
export const lotNumber = (lot: number): string => `L${String(9 - lot)}`
