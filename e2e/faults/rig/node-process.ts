import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { startGuard } from '../../../test/support/server-process.js'
import type { Recorder } from '../history.js'

/** One node of the service: a child process that is started, stopped and killed by its id. */
export interface NodeProcess {
  readonly name: string
  readonly pid: () => number
  /** Starts it, with `env` on top of its own, and waits until it announces itself; tries again while the database is not there. */
  readonly start: (env?: Readonly<Record<string, string>>) => Promise<void>
  readonly kill9: () => Promise<void>
  /** SIGTERM; resolves to how it ended and how long that took. */
  readonly terminate: () => Promise<{ code: number | null; tookMs: number }>
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
  readonly env: Readonly<Record<string, string>>
  readonly logFile: string
  readonly recorder: Recorder
}

const START_WITHIN_MS = 40_000
const TERMINATE_WITHIN_MS = 20_000

/** Prepares a node; `start()` runs it. */
export async function createNodeProcess(options: NodeOptions): Promise<NodeProcess> {
  const { name, root, port, recorder, logFile } = options
  const folder = await mkdtemp(join(tmpdir(), 'uzima-fault-node-'))
  const guard = startGuard(folder)
  let child: ChildProcess | undefined
  let planned = false
  let errors = ''

  async function launch(deadline: number, env: Readonly<Record<string, string>>): Promise<void> {
    const log = openSync(logFile, 'a')
    planned = false
    const started = spawn(process.execPath, ['--enable-source-maps', join(root, 'dist/main.js')], {
      cwd: root,
      env: { ...process.env, ...options.env, ...env, PORT: String(port), DATA_DIR: folder },
      stdio: ['ignore', log, 'pipe'],
    })
    closeSync(log)
    child = started
    guard.watch(started.pid)
    let announced = ''
    started.stderr?.on('data', (chunk: Buffer) => {
      errors += chunk.toString()
      announced += chunk.toString()
    })
    const exited = once(started, 'exit')
    for (;;) {
      if (announced.includes('Uzima Realtime is at')) break
      if (started.exitCode !== null || started.signalCode !== null || Date.now() > deadline) {
        if (started.exitCode === null) started.kill('SIGKILL')
        await exited
        throw new Error(`${name} did not start: ${announced.slice(-2_000)}`)
      }
      await Promise.race([delay(20), exited])
    }
    const { pid = -1 } = started
    recorder.add({ op: 'ready', node: name, pid })
    void exited.then(() => {
      const { exitCode: code, signalCode: signal } = started
      recorder.add({ op: 'exit', node: name, pid, planned, code, signal })
      guard.watch(undefined)
    })
  }

  const isRunning = (): boolean =>
    child?.pid !== undefined && child.exitCode === null && child.signalCode === null

  const signal = (what: NodeJS.Signals): void => {
    if (isRunning()) child?.kill(what)
  }

  async function end(how: NodeJS.Signals): Promise<void> {
    if (child === undefined || !isRunning()) return
    planned = true
    const exited = once(child, 'exit')
    child.kill(how)
    const cancel = new AbortController()
    const late = delay(TERMINATE_WITHIN_MS, undefined, { signal: cancel.signal }).then(
      () => child?.kill('SIGKILL'),
      () => undefined,
    )
    await exited
    cancel.abort()
    await late
  }

  return {
    name,
    pid: () => child?.pid ?? -1,
    async start(env = {}) {
      const deadline = Date.now() + START_WITHIN_MS
      for (;;) {
        try {
          await launch(deadline, env)
          return
        } catch (error) {
          if (Date.now() > deadline) throw error
          await delay(250)
        }
      }
    },
    kill9: () => end('SIGKILL'),
    async terminate() {
      const startedAt = performance.now()
      await end('SIGTERM')
      return { code: child?.exitCode ?? null, tookMs: performance.now() - startedAt }
    },
    pause: () => signal('SIGSTOP'),
    resume: () => signal('SIGCONT'),
    isRunning,
    rssMb() {
      try {
        const status = readFileSync(`/proc/${String(child?.pid)}/status`, 'utf8')
        return Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1_024)
      } catch {
        return 0
      }
    },
    output: () => readFileSync(logFile, 'utf8') + errors,
    async close() {
      await end('SIGKILL')
      await guard.release()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
