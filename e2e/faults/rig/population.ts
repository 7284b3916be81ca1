import type { Client } from 'pg'
import type { Rig } from './rig.js'

/** A user of the run, with the role that he has when nobody has changed it. */
export interface RigUser {
  readonly id: string
  readonly username: string
  readonly role: string
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
  readonly skus: readonly string[]
}

export const LOTS_PER_ITEM = 3

export interface PopulationOptions {
  readonly writers: number
  readonly subjects: number
  readonly listeners: number
  readonly items: number
}

/** Makes users and stock by plain SQL, before the clients come. One item in eight has a lot that has expired. */
export const populate = (rig: Rig, options: PopulationOptions): Promise<Population> => {
  return rig.sql(async (client) => {
    const people = async (prefix: string, count: number, roles: readonly string[]) => {
      const made: RigUser[] = []
      for (let index = 1; index <= count; index += 1) {
        made.push(await makeUser(client, `${prefix}-${String(index)}`, roles[index % roles.length]))
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
      subjects: await people('subject', options.subjects, ['pharmacist', 'doctor']),
      listeners: await people('listener', options.listeners, ['pharmacist', 'doctor', 'admin']),
      drilled: [first, second],
      skus: await makeItems(client, options.items),
    }
  })
}

const makeUser = async (client: Client, username: string, role = 'doctor'): Promise<RigUser> => {
  const { rows } = await client.query<{ id: string }>(
    'insert into users (username, email, role) values ($1, $2, $3) returning id',
    [username, `${username}@faults.test`, role],
  )
  return { id: rows[0]?.id ?? '', username, role }
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
