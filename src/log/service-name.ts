import { createHash } from 'node:crypto'
import type { Queryable } from '../storage/database.js'

/**
 * Names the service that this database makes of its nodes, in 32 hexadecimal digits: nodes on one database are one
 * service, and only they. The name goes by the cluster and the database, which a dump or a template leaves behind, and by
 * the epoch of the log, for copies of whole disks, which take the other two along.
 */
export const readServiceName = async (database: Queryable): Promise<string> => {
  const [row] = await database.query<{ epoch: string; oid: string; may_read: boolean }>(
    `select epoch::text,
       (select oid::text from pg_catalog.pg_database where datname = current_database()),
       has_function_privilege('pg_catalog.pg_control_system()', 'execute') as may_read
     from log_head`,
  )
  if (row === undefined) throw new Error('log_head has no row.')
  // A database may be hardened against this one; the other two differ all the same, but for a copy of a disk.
  const [control] = row.may_read
    ? await database.query<{ id: string }>(
        'select system_identifier::text as id from pg_catalog.pg_control_system()',
      )
    : []
  const identity = JSON.stringify([control?.id ?? '', row.oid, row.epoch])
  return createHash('sha256').update(identity).digest('hex').slice(0, 32)
}
