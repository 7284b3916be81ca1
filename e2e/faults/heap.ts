import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { totalmem } from 'node:os'
import { getHeapStatistics } from 'node:v8'

const MB = 2 ** 20
/** What 300 faults need: about 7,500,000 records and what the checker makes of them. */
const WANTED_MB = 16_384

/**
 * Runs this program again as a child with a heap that holds the records of a long run, and ends with its exit code; does
 * nothing where the heap is large enough, as it is in that child. Only a bound is set: a short run takes no more for it.
 */
export const ensureHeap = async (): Promise<void> => {
  const heapMb = Math.floor(Math.min(WANTED_MB, (totalmem() / MB) * 0.75))
  // The limit that is told is a little more than the one that was asked for.
  if (getHeapStatistics().heap_size_limit / MB >= heapMb) return
  // Last, because Node takes the last of several: with another before it the child would do the same again, for ever.
  const args = [...process.execArgv, `--max-old-space-size=${String(heapMb)}`]
  const child = spawn(process.execPath, [...args, ...process.argv.slice(1)], { stdio: 'inherit' })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => child.kill(signal))
  }
  await once(child, 'exit')
  process.exit(child.exitCode ?? 1)
}
