import { randomBytes } from 'node:crypto'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import {
  startGuard,
  startServerProcess,
  type ServerProcess,
} from '../../../test/support/server-process.js'
import { residentBytes } from '../../rig/machine.js'
import type { Recorder } from '../history.js'

/** One node of the service: a child process that is started, stopped and killed by its id. */
export interface NodeProcess {
  readonly name: string
  readonly pid: () => number
  /** Starts it, with `env` on top of its own, and waits until it announces itself; tries again while the database is not there. */
  readonly start: (env?: Readonly<Record<string, string>>) => Promise<void>
  readonly kill9: () => Promise<void>
  /** SIGTERM, and again after 300 ms where it is told twice; resolves to how it ended and how long that took. */
  readonly terminate: (times?: 'once' | 'twice') => Promise<{ code: number | null; tookMs: number }>
  readonly pause: () => void
  readonly resume: () => void
  readonly isRunning: () => boolean
  readonly rssMb: () => number
  /** Everything it wrote: log lines and standard error, of all its lives. */
  readonly output: () => string
  readonly close: () => Promise<void>
}

interface NodeOptions {
  readonly name: string
  /** The folder that holds `dist/main.js`. */
  readonly root: string
  readonly port: number
  /** What differs from node to node, on top of what all have. */
  readonly env: Readonly<Record<string, string>>
  readonly logFile: string
  readonly recorder: Recorder
}

const START_WITHIN_MS = 40_000
const COMMON = {
  NODE_ENV: 'production',
  HOST: '127.0.0.1',
  LOG_LEVEL: 'info',
  DEMO_DATA: 'false',
  // The checks go by its dates.
  TIME_ZONE: 'UTC',
  // Everything comes from one address here.
  AUTH_FAILURES_PER_MINUTE: '1000000',
}
const SECOND_SIGNAL_AFTER_MS = 300

/** Prepares a node; `start()` runs it. */
export const createNodeProcess = async (options: NodeOptions): Promise<NodeProcess> => {
  const { name, root, port, recorder, logFile } = options
  const folder = await mkdtemp(join(tmpdir(), 'uzima-fault-node-'))
  const guard = startGuard(folder)
  const lives: ServerProcess[] = []
  let planned = false
  const password = { ADMIN_PASSWORD: randomBytes(12).toString('base64url') }
  const place = { PORT: String(port), DATA_DIR: folder }

  const launch = async (
    deadline: number,
    env: Readonly<Record<string, string>>,
  ): Promise<ServerProcess> => {
    const log = openSync(logFile, 'a')
    const args = [join(root, 'dist/main.js')]
    const started = startServerProcess(process.execPath, args, {
      cwd: root,
      env: { ...COMMON, NODE_NAME: name, ...password, ...options.env, ...env, ...place },
      guard,
      stdout: log,
    })
    closeSync(log)
    lives.push(started)
    while (!started.output().includes('Uzima Realtime is at')) {
      if (started.hasExited() || Date.now() > deadline) {
        await started.end('SIGKILL')
        throw new Error(`${name} did not start: ${started.output().slice(-2_000)}`)
      }
      await Promise.race([delay(20), started.exited])
    }
    return started
  }

  const current = (): ServerProcess | undefined => lives.at(-1)
  const isRunning = (): boolean => current()?.hasExited() === false

  const signal = (what: NodeJS.Signals): void => {
    if (isRunning()) current()?.signal(what)
  }

  const end = async (how: NodeJS.Signals): Promise<void> => {
    if (!isRunning()) return
    planned = true
    await current()?.end(how)
  }

  return {
    name,
    pid: () => current()?.pid ?? -1,
    start: async (env = {}) => {
      const deadline = Date.now() + START_WITHIN_MS
      for (;;) {
        try {
          planned = false
          const { pid, exited } = await launch(deadline, env)
          recorder.add({ op: 'ready', node: name, pid })
          void exited.then(({ code, signal: by }) => {
            recorder.add({ op: 'exit', node: name, pid, planned, code, signal: by })
          })
          return
        } catch (error) {
          if (Date.now() > deadline) throw error
          await delay(250)
        }
      }
    },
    kill9: () => end('SIGKILL'),
    terminate: async (times = 'once') => {
      const startedAt = performance.now()
      if (times === 'twice') {
        planned = true
        signal('SIGTERM')
        await delay(SECOND_SIGNAL_AFTER_MS)
      }
      await end('SIGTERM')
      const { code } = (await current()?.exited) ?? { code: null }
      return { code, tookMs: performance.now() - startedAt }
    },
    pause: () => {
      signal('SIGSTOP')
    },
    resume: () => {
      signal('SIGCONT')
    },
    isRunning,
    rssMb: () => Math.round(residentBytes(current()?.pid ?? -1) / 2 ** 20),
    output: () => readFileSync(logFile, 'utf8') + lives.map(({ output }) => output()).join(''),
    close: async () => {
      await end('SIGKILL')
      await guard.release()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
