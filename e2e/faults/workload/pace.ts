/** Something that works in the background until it is told to stop. */
export interface Worker {
  /** Stops taking up new work; resolves when what was begun has ended. */
  readonly stop: () => Promise<void>
}

/** Does `work` about every `everyMs`, one at a time, from now on until it is stopped. Errors of `work` are its own. */
export const every = (everyMs: () => number, work: () => Promise<void>): Worker => {
  let stopped = false
  let wake: () => void = () => undefined

  const run = async (): Promise<void> => {
    while (!isStopped()) {
      const nextAt = performance.now() + everyMs()
      await work()
      const restMs = nextAt - performance.now()
      if (restMs <= 0 || isStopped()) continue
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, restMs)
        wake = () => {
          clearTimeout(timer)
          resolve()
        }
      })
    }
  }
  const isStopped = (): boolean => stopped

  const running = run()
  return {
    async stop() {
      stopped = true
      wake()
      await running
    },
  }
}

export const pause = (ms: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, ms))
