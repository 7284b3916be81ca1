import type { Rig } from '../frame/rig.js'
import { signToken } from '../../e2e/rig/tokens.js'
import { addUsers } from '../../e2e/rig/users.js'
import { waitUntil } from '../../e2e/rig/timing.js'
import { watch, type Watched } from './client.js'

/** A user with one login session, whose sockets are on all nodes. */
export interface Person {
  readonly userId: string
  readonly sockets: readonly Watched[]
}

/** Of twenty sockets: what polls makes a request for each event, and would be all that is measured. */
const transportOf = (socket: number): Watched['transport'] =>
  socket % 20 === 0 ? 'polling' : socket % 4 === 0 ? 'upgraded' : 'websocket'

const CONNECTS_WITHIN_MS = 30_000

/** Inserts users, each with a login session, and connects them one after the other where the caller asks for it. */
export const createPeople = async (
  rig: Rig,
  count: number,
): Promise<{ readonly next: () => Promise<Person> }> => {
  const { database } = rig
  const userIds = await addUsers(database, count, 'pharmacist')
  const sessions = await database.query<{ id: string; userId: string; version: number }>(
    `insert into sessions (user_id, auth_version, access_expires_at)
     select id, auth_version, now() + interval '1 hour' from users where id = any($1::uuid[])
     returning id, user_id as "userId", auth_version as version`,
    [`{${userIds.join()}}`],
  )
  let [taken, sockets] = [0, 0]
  return {
    next: async () => {
      const session = sessions[taken]
      if (session === undefined) throw new Error('There are no more users.')
      taken += 1
      const claims = { sid: session.id, ver: session.version }
      const token = signToken(rig.secret, session.userId, { lifetimeMs: 900_000, claims })
      const own = rig.nodes.map(({ url }, node) => {
        sockets += 1
        return watch(url, { node, token, transport: transportOf(sockets) })
      })
      const areIn = (): boolean => own.every(({ connectedAt }) => connectedAt() !== undefined)
      if (!(await waitUntil(areIn, CONNECTS_WITHIN_MS))) {
        throw new Error(`Not admitted: ${own.map(({ refusal }) => refusal() ?? 'late').join()}.`)
      }
      return { userId: session.userId, sockets: own }
    },
  }
}
