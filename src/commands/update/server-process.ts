import { spawn } from 'node:child_process'
import { rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { identityOf, isAlive, pidOf } from '../../storage/process-identity.js'
import type { Installation } from './installation.js'

/** A server drains for 10 s at the most. */
const ENDS_WITHIN_MS = 20_000
const LOOK_EVERY_MS = 200
const ANSWERS_WITHIN_MS = 3_000

/** A version of the server as our child; its output is ours. */
export interface ServerChild {
  /** Resolves to its exit code, 1 after a signal; never rejects. */
  readonly exited: Promise<number>
  readonly hasExited: () => boolean
  readonly signal: (signal: NodeJS.Signals) => void
  /** Asks it to end, and ends it 20 s later. */
  readonly end: () => Promise<void>
}

/** Starts the server of a version, and notes who that is, so that nobody is left behind when this process is killed. */
export const startVersion = async (
  { root, cliOf }: Installation,
  version: string,
): Promise<ServerChild> => {
  const child = spawn(process.execPath, [cliOf(version), 'serve'], { stdio: 'inherit' })
  let hasExited = false
  const exited = new Promise<number>((resolve) => {
    const settle = (code: number | null): void => {
      hasExited = true
      resolve(code ?? 1)
    }
    child.once('exit', settle)
    child.once('error', () => {
      settle(1)
    })
  })
  if (child.pid !== undefined) {
    const path = join(root, 'server')
    await writeFile(`${path}.new`, await identityOf(child.pid))
    await rename(`${path}.new`, path)
  }
  const signal = (name: NodeJS.Signals): void => {
    child.kill(name)
  }
  return {
    exited,
    hasExited: () => hasExited,
    signal,
    end: async () => {
      signal('SIGTERM')
      const impatience = setTimeout(signal, ENDS_WITHIN_MS, 'SIGKILL')
      await exited
      clearTimeout(impatience)
    },
  }
}

/** Ends the process, where it is still the one that was noted, and waits until it is gone. */
export const endProcess = async (identity: string): Promise<void> => {
  const deadline = Date.now() + ENDS_WITHIN_MS
  let signal: NodeJS.Signals | undefined = 'SIGTERM'
  while (await isAlive(identity)) {
    if (signal !== undefined) trySignal(pidOf(identity), signal)
    signal = Date.now() > deadline ? 'SIGKILL' : undefined
    await delay(LOOK_EVERY_MS)
  }
}

const trySignal = (pid: number, signal: NodeJS.Signals): void => {
  try {
    process.kill(pid, signal)
  } catch (error) {
    // It ended in this moment.
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
  }
}

/** Resolves to true once the server is ready, to false where it has ended or the time is up. */
export const waitUntilReady = async (
  { hasExited }: Pick<ServerChild, 'hasExited'>,
  url: string,
  deadline: number,
): Promise<boolean> => {
  while (Date.now() < deadline && !hasExited()) {
    // Another process at this address would have kept ours from starting.
    if ((await isReady(url)) && !hasExited()) return true
    await delay(LOOK_EVERY_MS)
  }
  return false
}

const isReady = (url: string): Promise<boolean> =>
  fetch(new URL('/health/ready', url), { signal: AbortSignal.timeout(ANSWERS_WITHIN_MS) }).then(
    ({ ok }) => ok,
    () => false,
  )
