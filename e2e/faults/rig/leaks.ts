import { Redis } from 'ioredis'
import { leaksIn } from '../checker/secrets.js'
import type { Recorder } from '../history.js'
import type { Rig } from './rig.js'

/** Watches everything that nodes publish for text that looks like a token. Returns its end. */
export const watchRedis = (rig: Rig, recorder: Recorder): (() => void) => {
  const spy = new Redis(rig.redis.url, {
    retryStrategy: () => 200,
    maxRetriesPerRequest: null,
  })
  spy.on('error', () => undefined)
  spy.on('pmessageBuffer', (_pattern: Buffer, channel: Buffer, message: Buffer) => {
    if (leaksIn(message.toString('latin1'), [])) {
      recorder.add({ op: 'leak', where: `a message on ${channel.toString()}` })
    }
  })
  void spy.psubscribe('*').catch(() => undefined)
  return () => {
    spy.disconnect()
  }
}

const TABLES = ['connection_log', 'event_log', 'idempotency_keys', 'stock_movements', 'nodes']

/** Searches what nodes wrote and what the database holds for the ends of all tokens that were given out. */
export const searchSecrets = async (
  rig: Rig,
  secrets: readonly string[],
  recorder: Recorder,
): Promise<void> => {
  const search = (text: string, where: string): void => {
    if (leaksIn(text, secrets)) {
      recorder.add({ op: 'leak', where })
    }
  }
  for (const node of rig.nodes) search(node.output(), `the output of ${node.name}`)
  await rig.sql(async (client) => {
    for (const table of TABLES) {
      const { rows } = await client.query<{ text: string }>(
        `select row_to_json(t)::text as text from ${table} t`,
      )
      search(rows.map(({ text }) => text).join('\n'), `the table ${table}`)
    }
  })
}
