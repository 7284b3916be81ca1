import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { startGuard } from '../test/support/server-process.js'

/** How a process ended: by itself with a code, or by a signal. */
export interface Exit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/** The built server as a child process whose end can be looked at. */
export interface ChildServer extends AsyncDisposable {
  readonly url: string
  readonly pid: number
  readonly output: () => string
  readonly signal: (signal: NodeJS.Signals) => void
  /** Settles when the process is gone, whoever ended it. */
  readonly exited: Promise<Exit>
}

export interface ChildServerOptions {
  readonly env: Readonly<Record<string, string>>
  /** Default: a folder that ends with the process. */
  readonly dataDir?: string
}

const root = fileURLToPath(new URL('..', import.meta.url))
const START_WITHIN_MS = 90_000

/** Starts `dist/main.js` and waits until it listens. */
export async function startChild(options: ChildServerOptions): Promise<ChildServer> {
  const folder = options.dataDir ?? (await mkdtemp(join(tmpdir(), 'uzima-child-')))
  const own = options.dataDir === undefined ? folder : await mkdtemp(join(tmpdir(), 'uzima-child-'))
  const guard = startGuard(own)
  const child = spawn(process.execPath, ['dist/main.js'], {
    cwd: root,
    env: {
      ...process.env,
      NODE_ENV: 'development',
      PORT: '0',
      HOST: '127.0.0.1',
      DATA_DIR: folder,
      DEMO_DATA: 'false',
      ADMIN_PASSWORD: 'a password for tests',
      LOG_LEVEL: 'warn',
      AUTH_FAILURES_PER_MINUTE: '100000',
      ...options.env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  guard.watch(child.pid)
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output = (output + chunk.toString()).slice(-200_000)
    })
    if (stream instanceof Socket) stream.unref()
  }
  const exited = once(child, 'exit').then(([code, signal]): Exit => {
    guard.watch(undefined)
    // What the event is declared with.
    return { code: code as number | null, signal: signal as NodeJS.Signals | null }
  })
  const hasExited = (): boolean => child.exitCode !== null || child.signalCode !== null
  const end = async (): Promise<void> => {
    child.kill('SIGKILL')
    await exited
    await guard.release()
    await rm(own, { recursive: true, force: true })
  }

  const deadline = Date.now() + START_WITHIN_MS
  for (;;) {
    const url = /Uzima Realtime is at (\S+)/.exec(output)?.[1]
    const { pid } = child
    if (url !== undefined && pid !== undefined) {
      return {
        url,
        pid,
        output: () => output,
        signal: (signal) => child.kill(signal),
        exited,
        [Symbol.asyncDispose]: end,
      }
    }
    if (hasExited() || Date.now() > deadline) {
      await end()
      throw new Error(`The server did not start (exit code ${String(child.exitCode)}):\n${output}`)
    }
    await delay(10)
  }
}
