/** Work that is done again and again, never twice at a time. */
export interface Repeated {
  /** Does it now, beside the rhythm; nothing where a run is under way. */
  readonly now: () => void
  /** Ends the rhythm; resolves when a run under way is over. */
  readonly stop: () => Promise<void>
}

/** Does `work`, which never rejects, each `everyMs` from now on. */
export const repeat = (work: () => Promise<void>, everyMs: number): Repeated => {
  let running: Promise<void> | undefined
  const now = (): void => {
    running ??= work().finally(() => {
      running = undefined
    })
  }
  const timer = setInterval(now, everyMs)
  return {
    now,
    async stop() {
      clearInterval(timer)
      await running
    },
  }
}
