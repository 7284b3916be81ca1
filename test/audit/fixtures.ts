import { randomUUID } from 'node:crypto'
import type { NodeRun } from '../../src/audit/chain.js'
import { createConnectionLog, type ConnectionLogOptions } from '../../src/audit/connection-log.js'
import type { ConnectionRecord } from '../../src/audit/record.js'
import { createLogger } from '../../src/observability/logger.js'
import type { Database } from '../../src/storage/database.js'

export const aNode = (name = 'node-a'): NodeRun => ({ id: randomUUID(), name })

/** A refused attempt, with what a test cares about changed. */
export const anAttempt = (changes: Partial<ConnectionRecord> = {}): ConnectionRecord => ({
  at: new Date(),
  outcome: 'refused',
  code: 'AUTH_TOKEN_INVALID',
  userId: null,
  ip: '203.0.113.7',
  userAgent: 'Mozilla/5.0',
  origin: 'https://clinic.example',
  transport: 'websocket',
  socketId: null,
  ...changes,
})

export const accepted = (socketId: string): ConnectionRecord =>
  anAttempt({ outcome: 'accepted', code: null, userId: 'user-1', socketId })

export const closed = (socketId: string): ConnectionRecord => ({
  ...accepted(socketId),
  outcome: 'closed',
})

export interface LogLine {
  readonly level: string
  readonly msg: string
  readonly connection?: Record<string, unknown>
  readonly attempts?: number
}

/** A logger that keeps its lines. */
export const keepLines = () => {
  const text: string[] = []
  const logger = createLogger({
    level: 'info',
    name: 'node-a',
    destination: { write: (line) => void text.push(line) },
  })
  return {
    logger,
    text: () => text.join(''),
    lines: () => text.map((line) => JSON.parse(line) as LogLine),
  }
}

/** A connection log with its node and its lines, closed at the end of the test. */
export const openLog = (database: Database, options: Partial<ConnectionLogOptions> = {}) => {
  const kept = keepLines()
  const node = options.node ?? aNode()
  const log = createConnectionLog({
    database,
    node,
    logger: kept.logger,
    flushEveryMs: 5,
    ...options,
  })
  return { ...kept, node, log, [Symbol.asyncDispose]: log.close }
}

/** A database whose answers can be cut off, before or after it has done what was asked. */
export const makeFallible = (database: Database) => {
  let fault: 'none' | 'down' | 'answerLost' = 'none'
  let calls = 0
  const query: Database['query'] = async <Row>(...args: Parameters<Database['query']>) => {
    calls += 1
    if (fault === 'down') throw new Error('connect ECONNREFUSED')
    const rows = await database.query<Row>(...args)
    if (fault === 'answerLost') throw new Error('Connection terminated unexpectedly')
    return rows
  }
  return {
    database: { ...database, query },
    calls: () => calls,
    set: (next: typeof fault) => {
      fault = next
    },
  }
}

/** What the table holds, in the order in which it was written. */
export const readRows = (database: Database) =>
  database.query<{
    id: number
    at: Date
    outcome: string
    code: string | null
    user_id: string | null
    ip: string | null
    user_agent: string | null
    origin: string | null
    socket_id: string | null
    node: string
    count: number
    node_run: string
    node_seq: number
  }>('select * from connection_log order by id')

/** Changes the table as only its owner can: with its triggers off. */
export const asOwner = (database: Database, sql: string): Promise<void> =>
  database.script(`
    alter table connection_log disable trigger user;
    alter table nodes disable trigger user;
    ${sql};
    alter table connection_log enable trigger user;
    alter table nodes enable trigger user;`)
