import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { cpus } from 'node:os'

/** Which processor serves and which loads. */
export interface Cores {
  /** Put in front of the command of a server. */
  readonly serverPrefix: readonly string[]
  /** Lets a process, and what it starts from then on, use all processors again. */
  readonly spread: (pid: number) => void
  /** For the report. */
  readonly text: string
}

/**
 * Moves this process, and with it the clients, PostgreSQL and whatever else it starts, to one processor, and leaves another one to the
 * server under test. Where that cannot be done the figures say so.
 */
export const separateCores = (): Cores => {
  const allowed = allowedProcessors()
  const [server, load] = allowed
  const together = { serverPrefix: [], spread: () => undefined }
  if (server === undefined || load === undefined) {
    return { ...together, text: 'server and load share one processor' }
  }
  try {
    execFileSync('taskset', ['-a', '-cp', String(load), String(process.pid)], { stdio: 'pipe' })
  } catch {
    return { ...together, text: 'server and load are not kept apart: `taskset` is missing' }
  }
  return {
    serverPrefix: ['taskset', '-c', String(server)],
    spread: (pid) => {
      execFileSync('taskset', ['-a', '-cp', allowed.join(','), String(pid)], { stdio: 'pipe' })
    },
    text: 'each server on one core, the clients and PostgreSQL on another',
  }
}

/** Gives a process, and what it starts from now on, every processor again: where nothing is compared with a server under test. */
export const useAllProcessors = (pid: number): void => {
  try {
    execFileSync('taskset', ['-a', '-cp', `0-${String(cpus().length - 1)}`, String(pid)], {
      stdio: 'pipe',
    })
  } catch {
    // Then it was never kept to one either, and the report says so.
  }
}

/** Numbers of the processors that this process may use, from a list such as `0-3,8`. */
const allowedProcessors = (): number[] => {
  const list = /^Cpus_allowed_list:\s+(\S+)/m.exec(readStatus())?.[1] ?? ''
  return list.split(',').flatMap((range) => {
    const [from = Number.NaN, to = from] = range.split('-').map(Number)
    return Array.from({ length: to - from + 1 }, (_, index) => from + index)
  })
}

const readStatus = (): string => {
  try {
    return readFileSync('/proc/self/status', 'utf8')
  } catch (error) {
    throw new Error('CPU time is read from /proc: the benchmarks need Linux.', { cause: error })
  }
}
