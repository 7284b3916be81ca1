/** The server's time, as far as it has been heard; a device's own may be hours off. */
export interface ServerClock {
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** The server's time for a moment of this device's clock. */
  readonly at: (deviceTime: number) => number
  /** The server said that this is its time now. */
  readonly heard: (serverTime: number) => void
  /** The server said that this was its time a moment ago. */
  readonly hinted: (serverTime: number) => void
  /** What is to be added to this device's clock. */
  readonly offsetMs: () => number
  /** Until the server is heard: this was added the last time, when it was `notBefore` at the least. */
  readonly assume: (offsetMs: number, notBefore: number) => void
}

const MOMENT_MS = 60_000

/** Makes a clock that goes by the device's until the server is heard. */
export const createServerClock = (): ServerClock => {
  let offsetMs = 0
  let isHeard = false

  const heard = (serverTime: number): void => {
    offsetMs = serverTime - Date.now()
    isHeard = true
  }

  return {
    now: () => Date.now() + offsetMs,
    at: (deviceTime) => deviceTime + offsetMs,
    heard,
    hinted: (serverTime) => {
      if (Math.abs(serverTime - Date.now() - offsetMs) > MOMENT_MS) heard(serverTime)
    },
    offsetMs: () => offsetMs,
    assume: (assumedMs, notBefore) => {
      // A battery that was empty sets a clock back by years.
      if (!isHeard) offsetMs = Math.max(assumedMs, notBefore - Date.now())
    },
  }
}
