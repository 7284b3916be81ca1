import { Worker } from 'node:worker_threads'

const CHECK_EVERY_MS = 500

/**
 * Runs in a thread of its own, since no timer of the stalled one fires. It counts its own checks instead of reading a
 * clock, so that a process that was paused as a whole is not taken for a stalled one.
 */
const WATCH = `
const { workerData } = require('node:worker_threads')
const { writeSync } = require('node:fs')
const turns = new Int32Array(workerData.turns)
let seen = 0
let checks = 0
setInterval(() => {
  const now = Atomics.load(turns, 0)
  checks = now === seen ? checks + 1 : 0
  seen = now
  if (checks < workerData.maxChecks) return
  writeSync(2, workerData.lastWords + '\\n')
  process.kill(process.pid, 'SIGKILL')
}, workerData.everyMs)
`

/**
 * Kills this process (SIGKILL) with `lastWords` on standard error when its event loop has not turned for `limitMs`.
 * Returns the end of the watch.
 */
export const watchForStall = (options: {
  readonly limitMs: number
  readonly lastWords: string
}): (() => Promise<void>) => {
  const turns = new SharedArrayBuffer(4)
  const counter = new Int32Array(turns)
  const timer = setInterval(() => {
    Atomics.add(counter, 0, 1)
  }, CHECK_EVERY_MS / 2)
  timer.unref()
  const worker = new Worker(WATCH, {
    eval: true,
    // Flags such as --input-type would change what the text above is.
    execArgv: [],
    workerData: {
      turns,
      everyMs: CHECK_EVERY_MS,
      maxChecks: Math.ceil(options.limitMs / CHECK_EVERY_MS),
      lastWords: options.lastWords,
    },
    // Enough for the loop above.
    resourceLimits: { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 4 },
  })
  worker.unref()

  return async () => {
    clearInterval(timer)
    await worker.terminate()
  }
}
