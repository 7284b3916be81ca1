import { spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'

/** The processes that `pid` has started, by what the kernel says. */
export const childrenOf = (pid: number): number[] => {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((candidate) => parentOf(candidate) === pid)
}

const parentOf = (pid: number): number | undefined => {
  try {
    const stat = readFileSync(`/proc/${String(pid)}/stat`, 'utf8')
    // The name in parentheses may hold anything; what follows the last one is fixed.
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
  } catch {
    return undefined
  }
}

/** Stops processes; returns what lets them go on. They go on after `atMostMs` even if we are gone by then. */
export const stopProcesses = (pids: readonly number[], atMostMs: number): (() => void) => {
  for (const pid of pids) tell(pid, 'SIGSTOP')
  const watch = spawn(
    'sh',
    [
      '-c',
      `sleep ${String(Math.ceil(atMostMs / 1_000) + 5)}; kill -CONT "$@" 2>/dev/null`,
      'sh',
    ].concat(pids.map(String)),
    { detached: true, stdio: 'ignore' },
  )
  watch.unref()
  return () => {
    watch.kill('SIGKILL')
    for (const pid of pids) tell(pid, 'SIGCONT')
  }
}

/** Sends a signal to a process that may be gone already. */
export const tell = (pid: number, signal: NodeJS.Signals): void => {
  try {
    process.kill(pid, signal)
  } catch {
    // It ended between the look and the signal.
  }
}
