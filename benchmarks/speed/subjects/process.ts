import { closeSync, openSync, readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { waitUntil } from '../../../e2e/rig/timing.js'
import { startGuard, startServerProcess } from '../../../test/support/server-process.js'

/** A server under test as a child process. */
export interface PinnedProcess extends AsyncDisposable {
  readonly pid: number
  /** What the pattern found in its output. */
  readonly says: (pattern: RegExp) => Promise<RegExpExecArray>
  /** A folder that goes with it. */
  readonly folder: string
}

const PATIENCE_MS = 60_000

/**
 * Starts `command` with a file as its standard output: what it logs is written as it would be in service, and is not the work of
 * whoever measures.
 */
export const startPinned = async (
  command: readonly string[],
  env: (folder: string) => Readonly<Record<string, string>>,
): Promise<PinnedProcess> => {
  const folder = await mkdtemp(join(tmpdir(), 'uzima-bench-'))
  const logFile = join(folder, 'log')
  const stdout = openSync(logFile, 'w')
  const guard = startGuard(folder)
  const [program = '', ...args] = command
  const child = startServerProcess(program, args, {
    cwd: process.cwd(),
    env: env(folder),
    guard,
    stdout,
  })
  closeSync(stdout)
  const stop = async (): Promise<void> => {
    if (!child.hasExited()) await child.end('SIGTERM')
    await guard.release()
    await rm(folder, { recursive: true, force: true })
  }
  return {
    pid: child.pid,
    folder,
    says: async (pattern) => {
      // Standard error comes to us: it is not where requests are logged.
      const output = (): string => `${readFileSync(logFile, 'utf8')}${child.output()}`
      const find = (): RegExpExecArray | null => pattern.exec(output())
      await waitUntil(() => child.hasExited() || find() !== null, PATIENCE_MS, 20)
      const found = find()
      if (found !== null) return found
      const text = output()
      await stop()
      throw new Error(`${command.join(' ')} did not start:\n${text}`)
    },
    [Symbol.asyncDispose]: stop,
  }
}
