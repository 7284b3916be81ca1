import { readFileSync, readdirSync } from 'node:fs'

/**
 * Seconds of CPU of a PostgreSQL: of its postmaster, of the children that live, and of those that it has seen end. It is read
 * from /proc, in ticks of 10 ms for each process.
 */
export const postgresSeconds = (postmaster: number): number =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .reduce((sum, name) => sum + ticksOf(name, postmaster) / 100, 0)

/** After the name of the process, which may hold spaces. */
const FIELD = { parent: 1, user: 11, system: 12, endedUser: 13, endedSystem: 14 } as const

const ticksOf = (pid: string, postmaster: number): number => {
  let stat: string
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  } catch {
    // It has ended meanwhile, and counts with its parent from now on.
    return 0
  }
  const fields = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number)
  const ticks = (...names: readonly (keyof typeof FIELD)[]): number =>
    names.reduce((sum, name) => sum + (fields[FIELD[name]] ?? 0), 0)
  if (pid === String(postmaster)) return ticks('user', 'system', 'endedUser', 'endedSystem')
  return fields[FIELD.parent] === postmaster ? ticks('user', 'system') : 0
}
