import { createPostgres } from '../../../src/storage/postgres.js'
import { addUsers } from '../../../e2e/rig/users.js'
import { DIALECTS } from '../load/dialect.js'
import type { World } from '../world.js'
import { startNodePeer } from './node-peer.js'
import type { Running } from './subject.js'

/** Starts the seed's design with a table of users of its own. */
export const startSeed = async (world: World): Promise<Running> => {
  const databaseUrl = await world.createDatabase()
  const database = createPostgres({ url: databaseUrl, poolSize: 1, onError: () => undefined })
  await database.query(
    `create table users (id uuid primary key default gen_random_uuid(), username text, email text, role text,
       is_active boolean not null default true)`,
  )
  const userIds = await addUsers(database, 500, 'doctor')
  await database.close()
  return startNodePeer(world, 'seed', DIALECTS.socketIoConnected, { databaseUrl, userIds })
}
