import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'

/** What a server on this machine tells the commands that follow: where it answers, and for whom to sign a token. */
export interface RunningServer {
  readonly pid: number
  /** Such as `http://127.0.0.1:3000`, without a path. */
  readonly url: string
  /** An active administrator at the start of the server, if there was one. */
  readonly adminId?: string | undefined
}

const runningServerSchema = z.object({
  pid: z.int().min(1),
  url: z.url({ protocol: /^https?$/ }),
  adminId: z.string().min(1).optional(),
})

/** Leaves a note in `dataDir`, readable by this user only. Call it once the server answers. */
export const writeRunningServer = async (dataDir: string, info: RunningServer): Promise<void> => {
  const path = pathIn(dataDir)
  const draft = `${path}.${process.pid.toString()}`
  await mkdir(dataDir, { recursive: true })
  // Nobody reads half of it. After a power cut it means nothing, so it is not synced.
  await writeFile(draft, `${JSON.stringify(info)}\n`, { mode: 0o600 })
  await rename(draft, path)
}

/** The server that left its note in `dataDir` and whose process still lives, or undefined. */
export const readRunningServer = async (dataDir: string): Promise<RunningServer | undefined> => {
  const text = await readFile(pathIn(dataDir), 'utf8').catch(() => undefined)
  const note = text === undefined ? undefined : runningServerSchema.safeParse(parseJson(text))
  return note?.success === true && isAlive(note.data.pid) ? note.data : undefined
}

/** Takes the note away if it is this process's own. Call it before the server stops answering. */
export const removeRunningServer = async (dataDir: string): Promise<void> => {
  const note = await readRunningServer(dataDir)
  if (note?.pid === process.pid) await rm(pathIn(dataDir), { force: true })
}

const pathIn = (dataDir: string): string => join(dataDir, 'running.json')

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // EPERM: it lives, but belongs to somebody else.
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
