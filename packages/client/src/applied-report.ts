import type { Position } from '@uzima/contracts'

/** Tells the server now and then up to where everything has been handed on. */
export interface AppliedReport {
  /** A connection begins, with what was handed on before it; the server has that on record. */
  readonly begin: (brought: Position | undefined) => void
  /** Tells at once what has moved since; for when this is the last moment. */
  readonly now: () => void
  /** The connection is over. */
  readonly end: () => void
}

export interface AppliedReportOptions {
  /** Where the caller's state stands; undefined while it stands nowhere. */
  readonly position: () => Position | undefined
  readonly tell: (applied: Position) => void
  readonly random: () => number
}

const EVERY_MS = 5_000

export const createAppliedReport = (options: AppliedReportOptions): AppliedReport => {
  let told: Position | undefined
  let timer: ReturnType<typeof setTimeout> | undefined

  const now = (): void => {
    const position = options.position()
    if (position === undefined) return
    if (position.epoch === told?.epoch && position.seq <= told.seq) return
    told = position
    options.tell(position)
  }

  const wait = (forMs: number): void => {
    timer = setTimeout(() => {
      now()
      wait(EVERY_MS)
    }, forMs)
  }

  return {
    begin: (brought) => {
      clearTimeout(timer)
      told = brought
      // Thousands of clients hear of a change, or of a server that is back, in the same moment.
      wait(EVERY_MS * options.random())
    },
    now: () => {
      if (timer !== undefined) now()
    },
    end: () => {
      clearTimeout(timer)
      timer = undefined
    },
  }
}
