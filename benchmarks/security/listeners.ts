import type { Database } from '../../src/storage/database.js'
import { repeat } from './timing.js'

/** Terminates every backend that listens, again and again; the returned function ends it. */
export const severListeners = (database: Database, everyMs: number): (() => Promise<void>) =>
  repeat(everyMs, async () => {
    await database.query(
      `select pg_terminate_backend(pid) from pg_stat_activity
        where query ilike 'listen %' and pid <> pg_backend_pid()`,
    )
  })

/**
 * Stops (SIGSTOP) every backend that listens, new ones too: the connections stay open and nothing comes. It is the
 * harder cut, because nobody is told of it. The returned function lets them go on.
 */
export const silenceListeners = async (database: Database): Promise<() => Promise<void>> => {
  const stopped = new Set<number>()
  const silence = async (): Promise<void> => {
    const listeners = await database.query<{ pid: number }>(
      `select pid from pg_stat_activity where query ilike 'listen %' and pid <> pg_backend_pid()`,
    )
    for (const { pid } of listeners) {
      if (!stopped.has(pid) && signal(pid, 'SIGSTOP')) stopped.add(pid)
    }
  }
  await silence()
  const end = repeat(50, silence)
  return async () => {
    await end()
    for (const pid of stopped) signal(pid, 'SIGCONT')
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
