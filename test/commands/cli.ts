import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { vi } from 'vitest'
import { runProgram } from '../../src/commands/program.js'

export interface CliResult {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** `uzima` on a data folder of its own. */
export interface Cli {
  readonly dataDir: string
  /** Runs a command to its end in this process, one at a time: a child takes two seconds to load. */
  readonly run: (args: readonly string[], env?: NodeJS.ProcessEnv) => Promise<CliResult>
  /** Starts a command as a child process. */
  readonly start: (args: readonly string[], env?: NodeJS.ProcessEnv) => RunningCommand
  /** Ends whatever still runs and removes the folder. */
  readonly close: () => Promise<void>
}

export interface RunningCommand {
  readonly output: () => string
  readonly kill: (signal: NodeJS.Signals) => void
  readonly exited: Promise<CliResult>
}

export const createCli = async (): Promise<Cli> => {
  const dataDir = await mkdtemp(join(tmpdir(), 'uzima-cli-'))
  const children = new Set<ChildProcess>()
  const baseEnv = { DATA_DIR: dataDir, PORT: '0', DEMO_DATA: 'false' }

  const start: Cli['start'] = (args, env = {}) => {
    let stdout = ''
    let stderr = ''
    const child = spawn(
      process.execPath,
      ['--conditions=source', '--import', 'tsx', 'src/cli.ts', ...args],
      {
        env: {
          PATH: process.env['PATH'],
          DATA_DIR: dataDir,
          PORT: '0',
          DEMO_DATA: 'false',
          ...env,
        },
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    )
    children.add(child)
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()))
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
    const exited = once(child, 'close').then(() => {
      children.delete(child)
      return { code: child.exitCode, stdout, stderr }
    })
    return { output: () => stdout + stderr, kill: (signal) => child.kill(signal), exited }
  }

  const run: Cli['run'] = async (args, env = {}) => {
    let stdout = ''
    let stderr = ''
    vi.spyOn(console, 'log').mockImplementation((line: string) => {
      stdout += `${line}\n`
    })
    vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
      stdout += chunk.toString()
      return true
    })
    vi.spyOn(process.stderr, 'write').mockImplementation((chunk) => {
      stderr += chunk.toString()
      return true
    })
    for (const [name, value] of Object.entries({ ...baseEnv, ...env })) vi.stubEnv(name, value)
    try {
      const code = await runProgram(['node', 'uzima', ...args], () =>
        Promise.reject(new Error('A server is a process of its own: see `start`.')),
      )
      return { code, stdout, stderr }
    } finally {
      vi.unstubAllEnvs()
      vi.restoreAllMocks()
    }
  }

  return {
    dataDir,
    start,
    run,
    close: async () => {
      await Promise.all(
        [...children].map((child) => {
          child.kill('SIGKILL')
          return once(child, 'close')
        }),
      )
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}
