import { setTimeout as delay } from 'node:timers/promises'
import { afterAll } from 'vitest'

/**
 * Fails a test file that leaves sockets, servers or child processes open. It looks once all hooks
 * of the file have run and waits for what closes on its own, such as an idle keep-alive connection.
 */
const WATCHED = ['TCPSocketWrap', 'TCPServerWrap', 'ProcessWrap']
const PATIENCE_MS = 8_000

const countOpen = (): Map<string, number> => {
  const counts = new Map<string, number>()
  for (const name of process.getActiveResourcesInfo()) counts.set(name, (counts.get(name) ?? 0) + 1)
  return counts
}

const before = countOpen()

afterAll(async () => {
  const deadline = Date.now() + PATIENCE_MS
  let left = leaked()
  while (left.length > 0 && Date.now() < deadline) {
    await delay(20)
    left = leaked()
  }
  if (left.length > 0) {
    throw new Error(`The tests of this file left open: ${left.join(', ')}. Close what they start.`)
  }
}, PATIENCE_MS + 2_000)

const leaked = (): string[] => {
  const now = countOpen()
  return WATCHED.flatMap((name) => {
    const more = (now.get(name) ?? 0) - (before.get(name) ?? 0)
    return more > 0 ? [`${String(more)} ${name}`] : []
  })
}
