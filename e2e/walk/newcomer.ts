import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, it } from 'vitest'
import { startGuard, type Guard } from '../../test/support/server-process.js'
import { readSection, type Section } from './section.js'
import { type, typeAndWait, type Place, type Terminal } from './terminal.js'

/** Somebody who has a clone of HEAD, made now, and its documents. */
export interface Newcomer {
  /** A folder for all that the walk makes; gone with it. */
  readonly root: () => string
  readonly clone: () => string
  /** Types a line into a terminal that is closed at the end of the walk at the latest. */
  readonly type: (line: string, place: Place) => Terminal
  /** Types a line that starts a service, and waits until that tells its address. */
  readonly startService: (line: string, place: Place) => Promise<Service>
  /** A test, named by the section that it follows. */
  readonly step: (
    path: string,
    heading: string,
    what: string,
    follow: (section: Section) => Promise<void>,
  ) => void
}

/** Where a service is, as its own words told. */
export interface Service {
  readonly url: string
  readonly terminal: Terminal
}

const READY = /Uzima Realtime is at (\S+)/

/** Clones before the first test of the file, and leaves nothing after its last. */
export const createNewcomer = (): Newcomer => {
  let root = ''
  let guard: Guard
  const open: Terminal[] = []
  const clone = (): string => join(root, 'uzima-realtime')
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'uzima-walk-'))
    guard = startGuard(root)
    await typeAndWait(`git clone --quiet "${process.cwd()}" "${clone()}"`, { cwd: root, env: {} })
  })
  afterAll(async () => {
    for (const terminal of open.reverse()) await terminal.interrupt()
    await guard.release()
    await rm(root, { recursive: true, force: true })
  })
  const typeOnce = (line: string, place: Place): Terminal => {
    const terminal = type(line, place)
    open.push(terminal)
    return terminal
  }
  return {
    root: () => root,
    clone,
    type: typeOnce,
    startService: async (line, place) => {
      const terminal = typeOnce(line, place)
      const [, url = ''] = await terminal.says(READY)
      return { terminal, url }
    },
    step: (path, heading, what, follow) => {
      it(`${what} (${path}, "${heading}")`, async () => {
        await follow(await readSection(clone(), path, heading))
      })
    },
  }
}

export const statusOf = async (url: string): Promise<number> => (await fetch(url)).status

/** The token that `uzima token` has printed. */
export const tokenIn = (said: string): string => /^[\w-]+\.[\w-]+\.[\w-]+$/m.exec(said)?.[0] ?? ''

/** Of each user that the walk adds. */
export const PASSWORD = 'a password that the newcomer has chosen'
