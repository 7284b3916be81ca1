import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { cpus, loadavg, release, totalmem } from 'node:os'

/** Where the figures were measured, in words. */
export const describeMachine = (): string => {
  const [cpu] = cpus()
  const memory = Math.round(totalmem() / 2 ** 30)
  return (
    `${String(cpus().length)} cores of ${cpu?.model.trim() ?? 'an unknown processor'}, ${String(memory)} GiB, ` +
    `Linux ${release()}, Node ${process.version}`
  )
}

/** Load average of the last minute: what else the machine did. */
export const currentLoad = (): number => Math.round((loadavg()[0] ?? 0) * 10) / 10

/** Seconds of CPU that the processes have used since they started; one that is gone counts 0. */
export const cpuSeconds = (pids: readonly number[]): number =>
  pids.reduce((sum, pid) => sum + cpuSecondsOf(pid), 0)

/** Bytes of memory that the process holds; 0 where it is gone. */
export const residentBytes = (pid: number): number => {
  try {
    const status = readFileSync(`/proc/${String(pid)}/status`, 'utf8')
    return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) * 1_024
  } catch {
    return 0
  }
}

const cpuSecondsOf = (pid: number): number => {
  try {
    const stat = readFileSync(`/proc/${String(pid)}/stat`, 'utf8')
    // After the name, which may hold spaces: utime and stime are the 14th and 15th field, in ticks of 10 ms.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return (Number(fields[11]) + Number(fields[12])) / 100
  } catch {
    return 0
  }
}

/** Commit that is measured, `+` where the tree has changes. */
export const describeCommit = (): string => {
  const git = (...args: string[]): string => execFileSync('git', args, { encoding: 'utf8' }).trim()
  try {
    const changes = git('status', '--porcelain', '--untracked-files=no', 'src', 'migrations')
    return `${git('rev-parse', '--short', 'HEAD')}${changes === '' ? '' : '+'}`
  } catch {
    return 'unknown'
  }
}
