import type { Patch } from '../builds.js'
import type { FaultKind } from '../nemesis/schedule.js'
import type { CrowdSize } from '../workload/crowd.js'
import { floodThenRevoke, recoverThenRevoke, type Drill } from './drills.js'

/** A build that is broken on purpose, and what makes the break show. */
export interface Sabotage {
  readonly name: string
  readonly what: string
  readonly patches: readonly Patch[]
  /** Any of them must be found broken. */
  readonly breaks: readonly string[]
  readonly faults?: readonly FaultKind[]
  readonly size?: Partial<CrowdSize>
  readonly nodeCount?: number
  readonly cluster?: boolean
  readonly env?: Readonly<Record<string, string>>
  readonly drill?: Drill
}

/** The look-up of a user answers 300 ms late: time in which a right can end. */
const SLOW_LOOK_UP: Patch = {
  file: 'dist/users/find-user.js',
  find: 'const [user] = await database.query(FIND_USER, [userId]);',
  replace:
    'const [user] = await database.query(FIND_USER, [userId]);\n' +
    '    await new Promise((resolve) => setTimeout(resolve, 300));',
}
const RACING = { racing: 1, revokeEveryMs: 500 }
const FLOODED = { MAX_BUFFERED_BYTES: '268435456' }

export const SABOTAGES: readonly Sabotage[] = [
  {
    name: 'no-outbox',
    what: 'a resumed client gets nothing of what it missed',
    patches: [
      {
        file: 'dist/realtime/resume.js',
        find: 'while (session.isOpen()) {',
        replace: 'while (false) {',
      },
    ],
    breaks: ['I1', 'I18'],
    faults: ['clients-cut', 'clients-cut'],
  },
  {
    name: 'bigserial',
    what: 'numbers come from a sequence, so a reader skips what commits late',
    patches: [
      {
        file: 'migrations/0001-log.sql',
        find: 'create table log_head (',
        replace: 'create sequence log_numbers;\ncreate table log_head_row (',
      },
      {
        file: 'migrations/0001-log.sql',
        find: 'insert into log_head default values;',
        replace: 'insert into log_head_row default values;',
      },
      {
        file: 'migrations/0001-log.sql',
        find: 'create index event_log_at on event_log (at);',
        replace:
          'create index event_log_at on event_log (at);\n' +
          'create view log_head as select singleton, epoch,\n' +
          '  (select coalesce(max(seq), 0) from event_log) as seq, trimmed_seq from log_head_row;',
      },
      {
        file: 'migrations/0004-numbering.sql',
        find: 'update log_head set seq = seq + cardinality(entries) returning seq - cardinality(entries) + 1 into first_seq;',
        replace:
          'select min(n) into first_seq from (\n' +
          "      select nextval('log_numbers') as n from generate_series(1, cardinality(entries))) as numbers;",
      },
    ],
    breaks: ['I1', 'I5'],
    size: { perSecond: 150, writers: 12, sqlWriters: 6, items: 40 },
  },
  {
    name: 'no-recheck',
    what: 'nobody looks again after the look-up of the user',
    patches: [
      SLOW_LOOK_UP,
      {
        file: 'dist/realtime/hub.js',
        find: 'while (!admission.isCurrent(socket.data.principal)) {',
        replace: 'while (false) {',
      },
      {
        file: 'dist/auth/user-directory.js',
        find: 'return lookUp.overtaken ? get(userId) : found;',
        replace: 'return found;',
      },
    ],
    breaks: ['I11'],
    size: RACING,
  },
  {
    name: 'graceful-close',
    what: 'a revoked socket is closed politely: what is queued is sent first',
    patches: [
      {
        file: 'dist/realtime/connection.js',
        find: 'if (isIdle(connection)) {',
        replace: 'if (true) {',
      },
      {
        file: 'dist/realtime/connection.js',
        find: 'return tcp ? endedWithin(tcp, FAREWELL_MS) : Promise.resolve();',
        replace: 'return Promise.resolve();',
      },
    ],
    breaks: ['I11'],
    nodeCount: 1,
    cluster: false,
    env: FLOODED,
    drill: floodThenRevoke,
  },
  {
    name: 'state-recovery',
    what: 'connectionStateRecovery of Socket.IO is on',
    patches: [
      {
        file: 'dist/realtime/hub.js',
        find: 'serveClient: false,',
        replace:
          'serveClient: false, connectionStateRecovery: { maxDisconnectionDuration: 120_000, skipMiddlewares: false },',
      },
    ],
    breaks: ['I12'],
    nodeCount: 1,
    cluster: false,
    drill: recoverThenRevoke,
  },
  {
    name: 'stateless-alerts',
    what: 'an alert for each change of an item that is low',
    patches: [
      {
        file: 'migrations/0004-numbering.sql',
        find: 'if is_low is distinct from item.low_stock_announced then',
        replace: 'if is_low or is_low is distinct from item.low_stock_announced then',
      },
    ],
    breaks: ['I10'],
  },
]

/** The same drills and faults on the service as it is: the drills themselves must break nothing. */
export const CONTROL: Sabotage = {
  name: 'control',
  what: 'nothing is broken, all drills are run',
  patches: [SLOW_LOOK_UP],
  breaks: [],
  faults: ['clients-cut', 'clients-cut'],
  size: { ...RACING, perSecond: 80 },
  nodeCount: 1,
  cluster: false,
  env: FLOODED,
  drill: async (world) => {
    await floodThenRevoke(world)
    await recoverThenRevoke(world)
  },
}
