import { Redis } from 'ioredis'
import pg from 'pg'
import type { Rig } from '../rig/rig.js'
import { pause } from '../workload/pace.js'
import { createFalseClock } from './clock.js'
import {
  inPostgres,
  inRedis,
  nodePid,
  noPid,
  onNode,
  type FaultContext,
  type FaultDefinition,
} from './definition.js'
import { FLOODS } from './floods.js'
import { NODE_FAULTS } from './node-faults.js'
import { POSTGRES_FAULTS } from './postgres-faults.js'
import { REDIS_FAULTS } from './redis-faults.js'
import type { FaultKind } from './schedule.js'
import { childrenOf, stopProcesses, tell } from './signals.js'

const redisPid = ({ rig }: FaultContext): number[] => [rig.redis.pid()]
const postmasterPid = ({ rig }: FaultContext): number[] => [rig.postgres.pid()]

const redisOutage = (): FaultDefinition => {
  return {
    affects: ['redis'],
    target: inRedis,
    pids: redisPid,
    run: async ({ rig, fault }) => {
      await rig.redis.kill9()
      await pause(fault.durationMs)
      await rig.redis.restart()
    },
  }
}

const blackhole = (edge: 'postgres' | 'redis' | 'clients'): FaultDefinition => {
  return {
    affects: [edge === 'clients' ? 'clients' : edge],
    target: ({ node }) => `${node.name} to ${edge}`,
    pids: nodePid,
    run: async ({ node, fault }) => {
      const direction = fault.id % 4 === 0 ? { direction: 'down' as const } : {}
      node[edge].setMode({ kind: 'blackhole', ...direction })
      await pause(fault.durationMs)
      node[edge].setMode({ kind: 'pass' })
    },
  }
}

/** Every fault by its kind. */
export const FAULTS: Readonly<Record<FaultKind, FaultDefinition>> = {
  ...NODE_FAULTS,
  ...POSTGRES_FAULTS,
  ...REDIS_FAULTS,
  ...FLOODS,
  'node-kill': {
    affects: ['node'],
    target: onNode,
    pids: nodePid,
    run: async ({ node, fault }) => {
      await node.kill9()
      await pause(fault.durationMs)
      await node.start()
    },
  },
  'rolling-restart': {
    affects: ['node'],
    target: () => 'all nodes',
    pids: ({ rig }) => rig.nodes.map((node) => node.pid()),
    run: async ({ rig }) => {
      for (const node of rig.nodes) {
        await node.terminate()
        await node.start()
      }
    },
  },
  'redis-kill': redisOutage(),
  'redis-down': redisOutage(),
  'redis-stop': {
    affects: ['redis'],
    target: inRedis,
    pids: redisPid,
    run: async ({ rig, fault }) => {
      const goOn = stopProcesses([rig.redis.pid()], fault.durationMs)
      await pause(fault.durationMs)
      goOn()
    },
  },
  'pubsub-drop': {
    affects: ['redis'],
    target: inRedis,
    pids: noPid,
    run: async ({ rig, fault }) => {
      const redis = new Redis(rig.redis.url, { maxRetriesPerRequest: 1 })
      redis.on('error', () => undefined)
      await redis.call('CLIENT', 'KILL', 'TYPE', 'pubsub')
      await pause(fault.durationMs)
      redis.disconnect()
    },
  },
  'backend-kill': {
    affects: ['postgres'],
    target: inPostgres,
    pids: noPid,
    run: async ({ rig }) => {
      const backend = await rig.sql(async (client) => {
        const { rows } = await client.query<{ pid: number }>(
          `select pid from pg_stat_activity
            where application_name = 'uzima-realtime' and pid <> pg_backend_pid() limit 1`,
        )
        return rows[0]?.pid
      })
      if (backend !== undefined) tell(backend, 'SIGKILL')
      await untilAnswers(rig)
    },
  },
  'postmaster-kill': {
    affects: ['postgres'],
    target: inPostgres,
    pids: postmasterPid,
    run: async ({ rig }) => {
      await rig.postgres.kill9()
      await rig.postgres.restart()
    },
  },
  'postgres-stop': {
    affects: ['postgres'],
    target: inPostgres,
    pids: postmasterPid,
    run: async ({ rig, fault }) => {
      const postmaster = rig.postgres.pid()
      const goOn = stopProcesses([postmaster, ...childrenOf(postmaster)], fault.durationMs)
      await pause(fault.durationMs)
      goOn()
    },
  },
  'listener-kill': {
    affects: [],
    target: inPostgres,
    pids: noPid,
    run: ({ rig }) =>
      rig.sql(async (client) => {
        await client.query(
          `select pg_terminate_backend(pid) from pg_stat_activity where query ilike 'listen %'
            or (application_name = 'uzima-realtime' and query = 'select 1')`,
        )
      }),
  },
  'head-locked': {
    affects: ['postgres'],
    target: inPostgres,
    pids: noPid,
    run: async ({ rig, fault }) => {
      const client = new pg.Client({ connectionString: rig.databaseUrl })
      client.on('error', () => undefined)
      await client.connect()
      await client.query('begin')
      await client.query('select 1 from log_head for update')
      await pause(fault.durationMs)
      await client.query('rollback')
      await client.end()
    },
  },
  'clients-cut': {
    affects: ['clients'],
    target: () => 'clients of all nodes',
    pids: noPid,
    run: async ({ rig, fault }) => {
      for (const node of rig.nodes) {
        node.clients.cut(0.3, fault.id % 3 === 0 ? 'fin' : 'rst')
        node.clients.setMode({ kind: 'stop-after', bytes: 3_000 + 37 * fault.id })
      }
      await pause(fault.durationMs)
      for (const node of rig.nodes) node.clients.setMode({ kind: 'pass' })
    },
  },
  'blackhole-postgres': blackhole('postgres'),
  'blackhole-redis': blackhole('redis'),
  'blackhole-clients': blackhole('clients'),
  'node-stop': {
    affects: ['node'],
    target: onNode,
    pids: nodePid,
    run: async ({ node, fault, revoker }) => {
      const goOn = stopProcesses([node.pid()], fault.durationMs)
      // Its sockets are still there when it wakes up, with rights that ended meanwhile.
      void revoker.strike()
      void revoker.strike()
      await pause(fault.durationMs)
      goOn()
    },
  },
  'clock-skew': {
    affects: ['node', 'clients'],
    target: (context) => `${onNode(context)} by ${String(skewOf(context))} s`,
    pids: nodePid,
    run: async (context) => {
      const { rig, node, fault } = context
      const others = rig.nodes.filter((other) => other !== node)
      const sendOver = (): void => {
        for (const other of others) other.clients.cut(0.4)
      }
      const clock = await createFalseClock()
      await node.terminate()
      await node.start(clock.env)
      // These see the clock step; the next come when it is wrong. Who is refused gets no other token: he would never be at
      // the head again.
      sendOver()
      await pause(fault.durationMs / 4)
      await clock.step(skewOf(context))
      await pause(SKEW_SEEN_MS)
      sendOver()
      await pause((fault.durationMs * 3) / 4)
      await node.terminate()
      await node.start()
      await clock.close()
    },
  },
  'slow-postgres': {
    affects: ['postgres'],
    target: () => 'PostgreSQL edges of all nodes',
    pids: noPid,
    run: async ({ rig, fault, revoker }) => {
      for (const node of rig.nodes) node.postgres.setMode({ kind: 'delay', ms: 0, jitterMs: 250 })
      void revoker.strike()
      void revoker.strike()
      await pause(fault.durationMs)
      for (const node of rig.nodes) node.postgres.setMode({ kind: 'pass' })
    },
  },
}

// The node reads the false clock anew each second.
const SKEW_SEEN_MS = 1_500
const skewOf = ({ fault }: FaultContext): number => (fault.id % 2 === 0 ? 600 : -600)

const RESTARTS_WITHIN_MS = 10_000

/**
 * A killed backend makes the postmaster restart all others, which takes about half a second. Killed again right after
 * that, PostgreSQL 15 was seen to refuse everybody for ever, its checkpointer the only child left: then it is an operator's.
 */
const untilAnswers = async (rig: Rig): Promise<void> => {
  const deadline = performance.now() + RESTARTS_WITHIN_MS
  for (;;) {
    if (performance.now() > deadline) {
      await rig.postgres.kill9()
      await rig.postgres.restart()
    }
    try {
      await rig.sql((client) => client.query('select 1'))
      return
    } catch {
      await pause(100)
    }
  }
}
