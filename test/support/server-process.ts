import { spawn } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, statSync } from 'node:fs'
import { createServer, Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname } from 'node:path'
import type { Readable, Writable } from 'node:stream'

/** The owner a child process is given; empty unless we are root. */
export interface ChildOwner {
  readonly uid?: number
  readonly gid?: number
}

/** How a process ended: by itself with a code, or by a signal; both null where it could not be started. */
export interface Exit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/** A server that runs as our child and dies with us, however we die. */
export interface ServerProcess {
  readonly pid: number
  /** Settles when the process is gone, whoever ended it. */
  readonly exited: Promise<Exit>
  readonly hasExited: () => boolean
  /** What it wrote so far, the first megabytes of it. */
  readonly output: () => string
  /** Does nothing when it is gone already. */
  readonly signal: (signal: NodeJS.Signals) => void
  /** Sends the signal and waits until the process is gone; after 20 s it is killed. Does nothing when it already is. */
  readonly end: (signal: NodeJS.Signals) => Promise<void>
}

const runsAsRoot = process.getuid?.() === 0

/** Who servers run as: `nobody` under root, because PostgreSQL refuses to run as root, else ourselves. */
export const serverOwner: ChildOwner = runsAsRoot ? { uid: 65_534, gid: 65_534 } : {}

/** Whether `serverOwner` can reach the path, that is: no folder above it is closed to others. */
export const isReachableByServers = (path: string): boolean => {
  if (!runsAsRoot) return true
  for (let folder = path; ; folder = dirname(folder)) {
    if (existsSync(folder) && (statSync(folder).mode & 0o001) === 0) return false
    if (folder === dirname(folder)) return true
  }
}

/** The folder for temporary clusters: the usual one, or /tmp where that is closed to `serverOwner`. */
export const serverTmpDir = isReachableByServers(tmpdir()) ? tmpdir() : '/tmp'

/**
 * Finds a free port on loopback below the range from which the kernel takes the ports of outgoing
 * connections, so that a server can come back on its port after a kill.
 */
export const freePort = async (): Promise<number> => {
  for (;;) {
    const port = randomInt(15_000, 32_000)
    const probe = createServer()
    const isFree = await new Promise<boolean>((resolve) => {
      probe.once('error', () => {
        resolve(false)
      })
      probe.listen(port, '127.0.0.1', () => {
        probe.close(() => {
          resolve(true)
        })
      })
    })
    if (isFree) return port
  }
}

/** Cleans up after servers whose parent disappeared without stopping them. */
export interface Guard {
  /** Names the process to end, or none. */
  readonly watch: (pid: number | undefined) => void
  /** Stands down: everything was stopped and removed. */
  readonly release: () => Promise<void>
}

/**
 * Starts a shell whose only task is to end the watched server and to remove `folder` when this
 * process disappears, even by kill -9: the shell then reads the end of its input.
 */
export const startGuard = (folder: string): Guard => {
  const script =
    'trap "" INT TERM HUP; pid=; while read -r line; do pid=$line; done; ' +
    'if [ -n "$pid" ]; then kill -INT "$pid"; sleep 1; kill -9 "$pid"; fi; rm -rf "$1"'
  const shell = spawn('sh', ['-c', script, 'guard', folder], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  })
  shell.unref()
  unref(shell.stdin)
  shell.stdin.on('error', () => undefined)
  return {
    watch: (pid) => {
      shell.stdin.write(`${pid === undefined ? '' : String(pid)}\n`)
    },
    release: async () => {
      if (shell.exitCode !== null || shell.signalCode !== null) return
      shell.ref()
      shell.kill('SIGKILL')
      await once(shell, 'exit')
    },
  }
}

/** PostgreSQL 15, told to stop while it restarts after a kill of a backend, was seen to wait for ever. */
const ENDS_WITHIN_MS = 20_000

const OUTPUT_BYTES = 4_194_304

export interface ServerProcessOptions {
  readonly env?: NodeJS.ProcessEnv
  readonly cwd: string
  readonly guard: Guard
  readonly owner?: ChildOwner
  /** A file that takes standard output instead of us. */
  readonly stdout?: number
}

/** Starts `command` as a child that does not keep our event loop alive and dies with us. */
export const startServerProcess = (
  command: string,
  args: readonly string[],
  options: ServerProcessOptions,
): ServerProcess => {
  const child = spawn(command, args, {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    stdio: ['ignore', options.stdout ?? 'pipe', 'pipe'],
    ...options.owner,
  })
  const chunks: Buffer[] = []
  let bytes = 0
  for (const stream of [child.stdout, child.stderr]) {
    if (stream === null) continue
    stream.on('data', (chunk: Buffer) => {
      if (bytes < OUTPUT_BYTES) chunks.push(chunk)
      bytes += chunk.length
    })
    unref(stream)
  }
  const exited = new Promise<Exit>((resolve) => {
    child.once('error', (error) => {
      chunks.push(Buffer.from(error.message))
      resolve({ code: null, signal: null })
    })
    child.once('exit', (code, signal) => {
      options.guard.watch(undefined)
      resolve({ code, signal })
    })
  })
  child.unref()
  options.guard.watch(child.pid)

  return {
    // -1 stands for a command that could not be started; `exited` settles in the same turn.
    pid: child.pid ?? -1,
    exited,
    hasExited: () =>
      child.pid === undefined || child.exitCode !== null || child.signalCode !== null,
    output: () => Buffer.concat(chunks).toString(),
    signal: (signal) => {
      child.kill(signal)
    },
    end: async (signal) => {
      child.ref()
      child.kill(signal)
      const impatience = setTimeout(() => child.kill('SIGKILL'), ENDS_WITHIN_MS)
      await exited
      clearTimeout(impatience)
    },
  }
}

/** Keeps a pipe from holding our event loop: the pipes of a child are sockets, which `stdio` types do not show. */
const unref = (stream: Readable | Writable): void => {
  if (stream instanceof Socket) stream.unref()
}
