import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

/** The time of day of one node, which can be set while it runs; what it starts as again sees the same. */
export interface NodeClock {
  readonly env: Readonly<Record<string, string>>
  /** Steps the clock to so many seconds from the right time, within 0.1 s from now. */
  readonly step: (seconds: number) => Promise<void>
  readonly close: () => Promise<void>
}

/**
 * Makes a clock that is right at first: `Date` of the node's process is shifted. That needs no library that a machine may lack,
 * and the service reads the time of day nowhere else.
 */
export const createNodeClock = async (): Promise<NodeClock> => {
  const folder = await mkdtemp(join(tmpdir(), 'uzima-histories-clock-'))
  const file = join(folder, 'offset')
  const step = (seconds: number): Promise<void> => writeFile(file, String(seconds * 1_000))
  await step(0)
  const preload = pathToFileURL(join(import.meta.dirname, 'clock-preload.mjs')).href
  return {
    env: { NODE_OPTIONS: `--import ${preload}`, HISTORIES_CLOCK_FILE: file },
    step,
    close: () => rm(folder, { recursive: true, force: true }),
  }
}
