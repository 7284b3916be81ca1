import { mkdtemp, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { findRedis } from './redis-binary.js'
import { freePort, startGuard, startServerProcess, type ServerProcess } from './server-process.js'

/** A Redis server of our own, on a free port of loopback, that writes nothing to disk. */
export interface RedisServer {
  readonly url: string
  readonly port: number
  /** The process id; another one after `restart()`. */
  readonly pid: () => number
  readonly kill9: () => Promise<void>
  /** Starts again, empty, on the same port. */
  readonly restart: () => Promise<void>
  readonly stop: () => Promise<void>
  readonly [Symbol.asyncDispose]: () => Promise<void>
}

const START_TIMEOUT_MS = 10_000

/**
 * Starts a Redis server of our own and waits until it answers; takes about 50 ms, so a test that
 * must not share channels with others starts its own. Settings are those of redis.conf.
 *
 * @throws with the commands that install Redis when there is none
 */
export const startRedis = async (
  ownSettings: Readonly<Record<string, string>> = {},
): Promise<RedisServer> => {
  const { command, env } = await findRedis()
  const folder = await mkdtemp(join(tmpdir(), 'uzima-redis-'))
  const port = await freePort()
  const guard = startGuard(folder)

  const start = async (): Promise<ServerProcess> => {
    const settings = {
      port: String(port),
      bind: '127.0.0.1',
      save: '',
      appendonly: 'no',
      ...ownSettings,
    }
    const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value])
    const started = startServerProcess(command, args, { cwd: folder, env, guard })
    await answers(port, started)
    return started
  }

  let server = await start()

  const stop = async (): Promise<void> => {
    await server.end('SIGKILL')
    await guard.release()
    await rm(folder, { recursive: true, force: true })
  }

  return {
    url: `redis://127.0.0.1:${String(port)}`,
    port,
    pid: () => server.pid,
    kill9: () => server.end('SIGKILL'),
    restart: async () => {
      await server.end('SIGKILL')
      server = await start()
    },
    stop,
    [Symbol.asyncDispose]: stop,
  }
}

const answers = async (port: number, server: ServerProcess): Promise<void> => {
  const deadline = Date.now() + START_TIMEOUT_MS
  while (!(await isPonging(port))) {
    if (server.hasExited()) throw new Error(`Redis did not start: ${server.output()}`)
    if (Date.now() > deadline) {
      await server.end('SIGKILL')
      throw new Error(`Redis did not answer in 10 s: ${server.output()}`)
    }
    await delay(10)
  }
}

const isPonging = (port: number): Promise<boolean> => {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' })
    socket.setTimeout(1_000, () => socket.destroy())
    socket.once('connect', () => socket.write('PING\r\n'))
    socket.once('data', (data) => {
      resolve(data.toString().startsWith('+PONG'))
      socket.destroy()
    })
    socket.on('error', () => undefined)
    socket.once('close', () => {
      resolve(false)
    })
  })
}
