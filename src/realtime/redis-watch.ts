import type { RedisReason, RedisState } from '../ports/redis-state.js'

/** Keeps the state of Redis up to date. */
export interface RedisWatch {
  readonly state: () => RedisState
  /** Looks now; where it is looking already, once more after that. */
  readonly look: () => void
  readonly stop: () => void
}

/** What a probe has found: the reason why each part does not work, undefined where it does. */
export interface ProbeResult {
  readonly messages: RedisReason | undefined
  readonly keys: RedisReason | undefined
  /** What is not as it was set, though all works. */
  readonly remark?: RedisReason | undefined
}

export interface WatchOptions {
  /** Undefined where it cannot tell yet. */
  readonly probe: () => Promise<ProbeResult | undefined>
  /** Told the first state, then each that differs from the one before. */
  readonly onState: (state: RedisState) => void
  /** Told where Redis takes connections and has not answered for long: others may reach it. */
  readonly onSilent: () => void
  /** Default 2,000 ms. */
  readonly everyMs?: number | undefined
}

// A machine that is busy may be late by itself, once.
const SILENT_LOOKS = 2
const RECONNECT_EVERY_LOOKS = 5

/** Probes what we rely on at once, at each change of a connection and every two seconds, and tells what is new. */
export const watchRedis = (options: WatchOptions): RedisWatch => {
  const { probe, onState, onSilent, everyMs = 2_000 } = options
  let state: RedisState = { state: 'down', messages: false, keys: false }
  let told = false
  let looking = false
  let again = false
  let stopped = false
  let silentLooks = 0

  const settle = (result: ProbeResult): void => {
    const isSilent = result.messages === 'no_answer' || result.keys === 'no_answer'
    silentLooks = isSilent ? silentLooks + 1 : 0
    if (isSilent && silentLooks < SILENT_LOOKS) {
      again = true
      return
    }
    if (isSilent && silentLooks % RECONNECT_EVERY_LOOKS === 0) onSilent()
    const next = stateOf(result)
    const isNew = !told || next.state !== state.state || next.reason !== state.reason
    state = next
    if (!isNew) return
    told = true
    onState(next)
  }

  const look = async (): Promise<void> => {
    if (looking) {
      again = true
      return
    }
    looking = true
    again = false
    const result = await probe()
    looking = false
    if (stopped) return
    if (result !== undefined) settle(result)
    if (isWanted()) await look()
  }
  /** A function, since it changes while the probe waits. */
  const isWanted = (): boolean => again
  const lookNow = (): void => {
    void look()
  }
  const timer = setInterval(lookNow, everyMs)

  return {
    state: () => state,
    look: lookNow,
    stop: () => {
      stopped = true
      clearInterval(timer)
    },
  }
}

const stateOf = ({ messages, keys, remark }: ProbeResult): RedisState => {
  const reason = messages ?? keys ?? remark
  const isDown = messages !== undefined && keys !== undefined
  return {
    state: reason === undefined ? 'up' : isDown ? 'down' : 'degraded',
    ...(reason === undefined ? {} : { reason }),
    messages: messages === undefined,
    keys: keys === undefined,
  }
}
