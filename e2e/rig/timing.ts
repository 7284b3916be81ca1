import { setTimeout as delay } from 'node:timers/promises'

/** Waits until `isDone`, looking at it every few milliseconds; false where that takes longer than `withinMs`. */
export const waitUntil = async (
  isDone: () => boolean | Promise<boolean>,
  withinMs: number,
  everyMs = 5,
): Promise<boolean> => {
  const deadline = performance.now() + withinMs
  while (!(await isDone())) {
    if (performance.now() > deadline) return false
    await delay(everyMs)
  }
  return true
}

/** Does `work` for all members, at most `atOnce` at a time; results are in the order of the members. */
export const mapAtOnce = async <T, R>(
  members: readonly T[],
  atOnce: number,
  work: (member: T, index: number) => Promise<R>,
): Promise<R[]> => {
  const results: R[] = []
  const entries = members.entries()
  const worker = async (): Promise<void> => {
    for (const [index, member] of entries) results[index] = await work(member, index)
  }
  await Promise.all(Array.from({ length: Math.min(atOnce, members.length) }, worker))
  return results
}

/** Calls `work` again and again, `everyMs` after it has ended, until the returned function is awaited. */
export const repeat = (everyMs: number, work: () => Promise<unknown>): (() => Promise<void>) => {
  const stopped = new AbortController()
  const running = (async () => {
    while (!stopped.signal.aborted) {
      await work()
      await delay(everyMs)
    }
  })()
  return async () => {
    stopped.abort()
    await running
  }
}
