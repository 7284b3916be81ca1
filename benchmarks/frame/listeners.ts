import type { Database } from '../../src/storage/database.js'
import { repeat } from '../../e2e/rig/timing.js'

/** Ends a cut; resolves to how many backends it took. */
export type EndCut = () => Promise<number>

// The listening connection says `listen` once, and then only looks whether it still lives; nobody else asks that.
const LISTENERS = `
  from pg_stat_activity
  where (query ilike 'listen %' or query = 'select 1') and pid <> pg_backend_pid()
    and application_name = 'uzima-realtime'`

/** Terminates every backend that listens, again and again. */
export const severListeners = (database: Database, everyMs: number): EndCut => {
  let severed = 0
  const end = repeat(everyMs, async () => {
    const rows = await database.query(`select pg_terminate_backend(pid) ${LISTENERS}`)
    severed += rows.length
  })
  return async () => {
    await end()
    return severed
  }
}

/**
 * Stops (SIGSTOP) every backend that listens, new ones too: the connections stay open and nothing comes. It is the
 * harder cut, because nobody is told of it. Its end lets them go on.
 */
export const silenceListeners = async (database: Database): Promise<EndCut> => {
  const stopped = new Set<number>()
  const silence = async (): Promise<void> => {
    const listeners = await database.query<{ pid: number }>(`select pid ${LISTENERS}`)
    for (const { pid } of listeners) {
      if (!stopped.has(pid) && signal(pid, 'SIGSTOP')) stopped.add(pid)
    }
  }
  await silence()
  const end = repeat(50, silence)
  return async () => {
    await end()
    for (const pid of stopped) signal(pid, 'SIGCONT')
    return stopped.size
  }
}

const signal = (pid: number, name: NodeJS.Signals): boolean => {
  try {
    return process.kill(pid, name)
  } catch {
    // It has ended meanwhile.
    return false
  }
}
