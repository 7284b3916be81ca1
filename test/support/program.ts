import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { startGuard, startServerProcess, type Exit } from './server-process.js'

/** A program that runs as our child and dies with us. */
export interface Program {
  readonly pid: number
  /** What it wrote so far on both streams, the first megabytes of it. */
  readonly output: () => string
  readonly signal: (signal: NodeJS.Signals) => void
  /** Settles when it is gone, whoever ended it. */
  readonly exited: Promise<Exit>
  /** Resolves with the match as soon as the output has one; rejects when the program ends first, or after 90 s. */
  readonly says: (pattern: RegExp) => Promise<RegExpExecArray>
  /** Asks it to end (SIGTERM), waits, and removes its folder. */
  readonly stop: () => Promise<void>
  readonly kill9: () => Promise<void>
  readonly [Symbol.asyncDispose]: () => Promise<void>
}

export interface ProgramOptions {
  /** Default: this Node. */
  readonly command?: string
  /** Added to our own environment. */
  readonly env?: Readonly<Record<string, string>>
  /** Where it runs; default the root of the repository. */
  readonly cwd?: string
  /** A folder that goes with the program, however that ends. */
  readonly folder?: string
}

const PATIENCE_MS = 90_000
const repository = fileURLToPath(new URL('../..', import.meta.url))

/** Starts `node <args>`, or another command. */
export const startProgram = async (
  args: readonly string[],
  { command = process.execPath, env = {}, cwd = repository, ...options }: ProgramOptions = {},
): Promise<Program> => {
  const folder = options.folder ?? (await mkdtemp(join(tmpdir(), 'uzima-program-')))
  const guard = startGuard(folder)
  const child = startServerProcess(command, args, { cwd, env, guard })

  const says = async (pattern: RegExp): Promise<RegExpExecArray> => {
    const deadline = Date.now() + PATIENCE_MS
    for (;;) {
      // Asked before the output is read, so that the last words of a program count.
      const ended = child.hasExited()
      const match = pattern.exec(child.output())
      if (match !== null) return match
      if (ended || Date.now() > deadline) {
        const how = ended
          ? `ended (exit code ${String((await child.exited).code)})`
          : `ran ${String(PATIENCE_MS)} ms`
        throw new Error(`${args.join(' ')} ${how} without ${String(pattern)}:\n${child.output()}`)
      }
      await delay(10)
    }
  }

  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (!child.hasExited()) await child.end(signal)
    await guard.release()
    await rm(folder, { recursive: true, force: true })
  }

  return {
    pid: child.pid,
    output: child.output,
    signal: child.signal,
    exited: child.exited,
    says,
    stop: () => end('SIGTERM'),
    kill9: () => end('SIGKILL'),
    [Symbol.asyncDispose]: () => end('SIGTERM'),
  }
}
