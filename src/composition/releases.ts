type Release = () => unknown

/** Undoes what was started, the newest first. */
export interface Releases {
  /** Adds the undoing of something at the moment in which it exists. */
  readonly add: (name: string, release: Release) => void
  /** Runs all once; a failing one does not keep the others. Rejects with what failed. Later calls wait for the first. */
  readonly run: () => Promise<void>
}

/** @param onAdded told the name of each part that has just started; what it throws is thrown by `add` */
export const createReleases = (onAdded: (name: string) => void = () => undefined): Releases => {
  const stack: { readonly name: string; readonly release: Release }[] = []
  let running: Promise<void> | undefined

  const runAll = async (): Promise<void> => {
    const failures: unknown[] = []
    for (let entry = stack.pop(); entry !== undefined; entry = stack.pop()) {
      try {
        await entry.release()
      } catch (error) {
        failures.push(new Error(`Stopping of ${entry.name} failed`, { cause: error }))
      }
    }
    if (failures.length > 0) throw new AggregateError(failures, 'Not everything could be stopped')
  }

  return {
    add(name, release) {
      stack.push({ name, release })
      onAdded(name)
    },
    run() {
      running ??= runAll()
      return running
    },
  }
}
