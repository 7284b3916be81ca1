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
export const startNodePeer = (
  world: World,
  name: SubjectName,
  dialect: Dialect,
  options?: NodePeerOptions,
): Promise<Running> =>
  startPeer(world, name, [process.execPath, `benchmarks/peers/${name}.js`], dialect, options)

/** Starts a program that takes orders as those of benchmarks/peers do. */
export const startPeer = async (
  world: World,
  name: SubjectName,
  command: readonly string[],
  dialect: Dialect,
  {
    databaseUrl = '',
    userIds = Array.from({ length: 500 }, () => randomUUID()),
  }: NodePeerOptions = {},
): Promise<Running> => {
  const server = await startPinned([...world.cores.serverPrefix, ...command], () => ({
    NODE_ENV: 'production',
    JWT_SECRET: world.secret,
    DATABASE_URL: databaseUrl,
  }))
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
