/**
 * Does `work` with a controller that the first SIGINT or SIGTERM aborts. A second Ctrl-C ends the process at once, as
 * usual.
 */
export const untilSignal = async <T>(work: (stop: AbortController) => Promise<T>): Promise<T> => {
  const stop = new AbortController()
  const onSignal = (): void => {
    stop.abort()
  }
  process.once('SIGINT', onSignal)
  process.once('SIGTERM', onSignal)
  try {
    return await work(stop)
  } finally {
    process.off('SIGINT', onSignal)
    process.off('SIGTERM', onSignal)
  }
}
