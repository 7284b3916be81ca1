import pg from 'pg'
import type { Mode } from '../../rig/proxy-flow.js'
import type { Rig } from '../rig/rig.js'
import { pause } from '../workload/pace.js'
import { inPostgres, nodePid, noPid, type FaultDefinition } from './definition.js'

/** All edges between nodes and PostgreSQL at once. */
const allEdges = (mode: Mode): FaultDefinition => ({
  affects: ['postgres'],
  target: inPostgres,
  pids: noPid,
  run: async ({ rig, fault }) => {
    for (const node of rig.nodes) node.postgres.setMode(mode)
    await pause(fault.durationMs)
    for (const node of rig.nodes) node.postgres.setMode({ kind: 'pass' })
  },
})

/** PostgreSQL that is cut off, hangs, refuses to write, or dies and is replaced. */
export const POSTGRES_FAULTS = {
  'postgres-cut': allEdges({ kind: 'refuse' }),
  'postgres-stall': allEdges({ kind: 'blackhole' }),
  // The only fault after which a node may close those whom it cannot confirm.
  'postgres-lost': {
    affects: ['postgres'],
    target: ({ node }) => `${node.name} to postgres`,
    pids: nodePid,
    run: async ({ node, fault }) => {
      node.postgres.setMode({ kind: fault.id % 2 === 0 ? 'refuse' : 'blackhole' })
      await pause(fault.durationMs)
      node.postgres.setMode({ kind: 'pass' })
    },
  },
  'postgres-read-only': {
    affects: ['postgres'],
    target: inPostgres,
    pids: noPid,
    run: async ({ rig, fault }) => {
      await setReadOnly(rig, true)
      await pause(fault.durationMs)
      await setReadOnly(rig, false)
    },
  },
  'postgres-fail-over': {
    affects: ['postgres'],
    target: inPostgres,
    pids: ({ rig }) => [rig.postgres.pid()],
    run: async ({ rig, fault }) => {
      const { pair } = rig
      if (pair === undefined) throw new Error('This run has no standby.')
      const port = await pair.failOver(async () => {
        // Every other time the nodes are sent to the standby while it still refuses to write.
        if (fault.id % 2 === 0) rig.repoint(pair.standbyPort(), 'nodes')
        await pause(fault.durationMs)
      })
      rig.repoint(port, 'everybody')
      await pair.addStandby()
    },
  },
} as const satisfies Record<string, FaultDefinition>

/** Lets nobody write in the database of the run, or everybody again; whoever is connected must come anew, as after a fail-over. */
const setReadOnly = async ({ databaseUrl, postgres }: Rig, isReadOnly: boolean): Promise<void> => {
  const database = new URL(databaseUrl).pathname.slice(1)
  // Through another database, in which writing is allowed all the time.
  const client = new pg.Client({ connectionString: postgres.url() })
  client.on('error', () => undefined)
  await client.connect()
  try {
    await client.query(
      `alter database ${database} ${isReadOnly ? 'set default_transaction_read_only = on' : 'reset default_transaction_read_only'}`,
    )
    await client.query(
      'select pg_terminate_backend(pid) from pg_stat_activity where datname = $1',
      [database],
    )
  } finally {
    await client.end()
  }
}
