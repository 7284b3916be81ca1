import { spawn } from 'node:child_process'
import { setTimeout as delay } from 'node:timers/promises'
import { startGuard } from '../../test/support/server-process.js'

/** A line that somebody has typed into a terminal of its own. */
export interface Terminal extends AsyncDisposable {
  /** What is to be read there so far. */
  readonly output: () => string
  /** Waits until there is something to read; rejects when the command ends first. */
  readonly says: (pattern: RegExp) => Promise<RegExpExecArray>
  /** Resolves to the exit code when everything that the line started is gone. */
  readonly ended: Promise<number | null>
  /** Ctrl-C: to the shell and to all that it started. */
  readonly interrupt: () => Promise<void>
}

/** Where a line is typed, and with which settings. */
export interface Place {
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
}

/** `npm ci` on a slow network takes minutes. */
const PATIENCE_MS = 300_000

/** What `npm run` and Vitest have put into our environment, which a newcomer does not have. */
const NOT_A_NEWCOMERS =
  /^(?:npm_(?!config_(?:registry|cache|userconfig)$)|VITEST|UZIMA_|(?:NODE_ENV|NODE_OPTIONS|TEST|DEV|PROD|MODE|SSR|BASE_URL|INIT_CWD)$)/

const newcomersEnvironment = (): Record<string, string> => {
  const env: Record<string, string> = {}
  for (const [name, value] of Object.entries(process.env)) {
    if (value !== undefined && !NOT_A_NEWCOMERS.test(name)) env[name] = value
  }
  const folders = (env['PATH'] ?? '').split(':')
  return {
    ...env,
    PATH: folders.filter((folder) => !/node_modules|node-gyp/.test(folder)).join(':'),
  }
}

/** Types a line into a new terminal. */
export const type = (line: string, { cwd, env }: Place): Terminal => {
  // Its own group, as a terminal makes one, so that Ctrl-C reaches what npm has started, too.
  const child = spawn('sh', ['-c', line], {
    cwd,
    env: { ...newcomersEnvironment(), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  const { pid } = child
  if (pid === undefined) throw new Error('There is no shell.')
  // It ends the group where we disappear; there is no folder to remove with it.
  const guard = startGuard('')
  guard.watch(-pid)
  let text = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => (text += chunk.toString()))
  }
  let hasEnded = false
  const ended = new Promise<number | null>((resolve) => {
    // Comes when the last process of the group has let go of its output.
    child.once('close', (code) => {
      hasEnded = true
      guard.watch(undefined)
      void guard.release().then(() => {
        resolve(code)
      })
    })
  })
  const interrupt = async (): Promise<void> => {
    if (!hasEnded) process.kill(-pid, 'SIGINT')
    await ended
  }
  return {
    output: () => text,
    says: async (pattern) => {
      const deadline = Date.now() + PATIENCE_MS
      for (;;) {
        // Asked before the output is read, so that the last words count.
        const isLast = hasEnded || Date.now() > deadline
        const match = pattern.exec(text)
        if (match !== null) return match
        if (isLast) throw new Error(`"${line}" did not say ${String(pattern)}:\n${text}`)
        await delay(20)
      }
    },
    ended,
    interrupt,
    [Symbol.asyncDispose]: interrupt,
  }
}

/** Types a line, waits for its end, and resolves to what it said; rejects where it fails. */
export const typeAndWait = async (line: string, place: Place): Promise<string> => {
  const terminal = type(line, place)
  const code = await terminal.ended
  if (code !== 0) throw new Error(`"${line}" ended with ${String(code)}:\n${terminal.output()}`)
  return terminal.output()
}
