import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { setTimeout as delay } from 'node:timers/promises'

// A build takes ten seconds; ten times as long on a busy machine.
const PATIENCE_MS = 180_000

/** Does `work` while no other process does it in the same folder; waits for one that does. */
export const alone = async (folder, work) => {
  mkdirSync(folder, { recursive: true })
  const path = join(folder, 'build.lock')
  await take(path)
  try {
    await work()
  } finally {
    rmSync(path, { force: true })
  }
}

const take = async (path) => {
  const draft = `${path}.${process.pid}`
  const deadline = Date.now() + PATIENCE_MS
  // Written aside and linked into place, so that nobody reads a lock without its holder in it.
  writeFileSync(draft, String(process.pid))
  try {
    while (!placed(draft, path)) {
      const holder = read(path)
      if (holder !== undefined && !isAlive(Number(holder))) removeStale(path, holder)
      else if (Date.now() > deadline) {
        throw new Error(`Process ${holder} still builds. If it does not, remove ${path}.`)
      } else await delay(50)
    }
  } finally {
    rmSync(draft, { force: true })
  }
}

const placed = (draft, path) => {
  try {
    linkSync(draft, path)
    return true
  } catch (error) {
    if (error.code === 'EEXIST') return false
    throw error
  }
}

const read = (path) => {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

/** Two may find the same dead lock; the second must not remove the one that the first has just placed. */
const removeStale = (path, expected) => {
  const aside = `${path}.stale.${process.pid}`
  try {
    renameSync(path, aside)
  } catch {
    return
  }
  if (read(aside) !== expected) placed(aside, path)
  rmSync(aside, { force: true })
}

const isAlive = (pid) => {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // EPERM: it lives, but belongs to somebody else.
    return error.code === 'EPERM'
  }
}
