import { randomUUID } from 'node:crypto'
import type { Dialect } from '../load/dialect.js'
import type { World } from '../world.js'
import { startPinned } from './process.js'
import { EVENT_BYTES, type Running, type SubjectName } from './subject.js'

export interface NodePeerOptions {
  readonly databaseUrl?: string
  /** Default: so many that nobody knows. */
  readonly userIds?: readonly string[]
}

/** Starts `<name>.js` of benchmarks/peers. */
export const startNodePeer = async (
  world: World,
  name: SubjectName,
  dialect: Dialect,
  {
    databaseUrl = '',
    userIds = Array.from({ length: 500 }, () => randomUUID()),
  }: NodePeerOptions = {},
): Promise<Running> => {
  const server = await startPinned(
    [...world.cores.serverPrefix, process.execPath, `benchmarks/peers/${name}.js`],
    () => ({ NODE_ENV: 'production', JWT_SECRET: world.secret, DATABASE_URL: databaseUrl }),
  )
  const [, url = ''] = await server.says(/Listening at (\S+)/)
  return {
    name,
    pid: server.pid,
    port: Number(new URL(url).port),
    dialect,
    userIds,
    emit: async (count) => {
      const order = `${url}/order?count=${String(count)}&bytes=${String(EVENT_BYTES)}`
      const answer = await fetch(order, { method: 'POST' })
      await answer.text()
    },
    [Symbol.asyncDispose]: server[Symbol.asyncDispose],
  }
}
