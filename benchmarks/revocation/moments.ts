import { join } from 'node:path'

/** What a node did when, in ms of `monotonicMs`. */
export interface NodeMoments {
  /** Notifications of PostgreSQL, as they came. */
  readonly notified: number[]
  /** Reads of the log, and the number of its head in each. */
  readonly reads: { readonly begunAt: number; readonly endedAt: number; readonly head: number }[]
  /** Close frames that were written, by the client's port. */
  readonly closings: { readonly port: number; readonly writtenAt: number }[]
}

/** Milliseconds of a clock that is the same in all processes of a machine, and never steps. */
export const monotonicMs = (): number => Number(process.hrtime.bigint()) / 1e6

/** Asks a node with a probe for what it has noted since it began. */
export const TELL = 'SIGUSR2'

/** Where it writes that. */
export const fileOf = (folder: string, node: string): string => join(folder, `${node}.json`)
