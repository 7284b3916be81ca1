import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const LIBRARIES = [
  '/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1',
  '/usr/lib/aarch64-linux-gnu/faketime/libfaketimeMT.so.1',
  '/usr/lib/faketime/libfaketimeMT.so.1',
]

/** The library that tells a process another time of day; undefined where it is not installed. */
export const findFaketime = (): string | undefined => LIBRARIES.find((path) => existsSync(path))

/** A time of day that can be set while a process runs; its timers and its monotonic clock stay right. */
export interface FalseClock {
  /** What makes a process see this clock. */
  readonly env: Readonly<Record<string, string>>
  /** Steps the clock to so many seconds from the right time, within a second from now. */
  readonly step: (seconds: number) => Promise<void>
  readonly close: () => Promise<void>
}

/** Makes a clock that is right at first. Throws with the command that installs the library where it is missing. */
export const createFalseClock = async (): Promise<FalseClock> => {
  const library = findFaketime()
  if (library === undefined) throw new Error(NO_FAKETIME)
  const folder = await mkdtemp(join(tmpdir(), 'uzima-fault-clock-'))
  const offset = join(folder, 'offset')
  const step = (seconds: number): Promise<void> =>
    writeFile(offset, `${seconds < 0 ? '' : '+'}${String(seconds)}\n`)
  await step(0)
  return {
    env: {
      LD_PRELOAD: library,
      FAKETIME_TIMESTAMP_FILE: offset,
      FAKETIME_CACHE_DURATION: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
    },
    step,
    close: () => rm(folder, { recursive: true, force: true }),
  }
}

export const NO_FAKETIME =
  'Faults of kind clock-skew need libfaketime: `apt-get install -y libfaketime`, or leave them out with --no-clock-skew.'
