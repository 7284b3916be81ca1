import type { Queryable } from '../../src/storage/database.js'

/** What the database's log says: stock events, and the roles that users got, by number. */
export interface RightsLog {
  readonly stock: readonly number[]
  readonly roles: ReadonlyMap<string, readonly { readonly seq: number; readonly role: string }[]>
}

/** Reads the whole log, in its order. */
export const readRights = async (database: Queryable): Promise<RightsLog> => {
  const stock = await database.query<{ seq: number }>(
    `select seq from event_log where name = 'inventory:update' order by seq`,
  )
  const changes = await database.query<{ seq: number; userId: string; role: string }>(
    `select seq, payload ->> 'userId' as "userId", payload ->> 'role' as role
       from event_log where name = 'user:changed' order by seq`,
  )
  const roles = new Map<string, { seq: number; role: string }[]>()
  for (const { seq, userId, role } of changes) {
    const own = roles.get(userId) ?? []
    own.push({ seq, role })
    roles.set(userId, own)
  }
  return { stock: stock.map(({ seq }) => seq), roles }
}

/**
 * Numbers of the stock events after `from` at which the user, a pharmacist from the first, was one. With `lag` each
 * change of role counts so many numbers later than it does: what a service would send that is late by as much.
 */
export const expectedNumbers = (
  log: RightsLog,
  userId: string,
  from: number,
  lag = 0,
): number[] => {
  const changes = log.roles.get(userId) ?? []
  const numbers: number[] = []
  let role = 'pharmacist'
  let next = 0
  for (const seq of log.stock) {
    for (; (changes[next]?.seq ?? Number.POSITIVE_INFINITY) + lag < seq; next += 1) {
      role = changes[next]?.role ?? role
    }
    if (seq > from && role === 'pharmacist') numbers.push(seq)
  }
  return numbers
}
