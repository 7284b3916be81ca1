import { readFile } from 'node:fs/promises'

/**
 * The pid, and where /proc tells them the start of the process and of the machine, with a space between: in a container the next
 * process has the same pid, and after a power cut it may also start at the same tick. `deploy/clinic/uzima.sh` writes the same.
 */
export const identityOf = async (pid: number): Promise<string> => {
  const stat = await readFile(`/proc/${pid.toString()}/stat`, 'utf8').catch(() => '')
  // The 20th field after the command's closing bracket is the start time in clock ticks since boot: proc(5), field 22.
  const startTicks = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? ''
  const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => '')
  return `${pid.toString()} ${startTicks} ${boot.trim()}`
}

export const pidOf = (identity: string): number => Number.parseInt(identity, 10)

/** Whether the process of this identity, and no other that got its pid, lives; of anything else than an identity false. */
export const isAlive = async (identity: string): Promise<boolean> => {
  const pid = pidOf(identity)
  if (!Number.isSafeInteger(pid) || pid <= 0) return false
  try {
    process.kill(pid, 0)
  } catch (error) {
    // EPERM: it lives, but belongs to somebody else.
    if (!(error instanceof Error && 'code' in error && error.code === 'EPERM')) return false
  }
  const current = (await identityOf(pid)).split(' ')
  // An earlier version wrote fewer parts.
  return identity.split(' ').every((part, index) => part === current[index])
}
