import type { Facts } from './facts.js'
import type { Violation } from './violation.js'
import { entryOfWrite } from './writes.js'

/** I5: the numbers of the log, and their order against real time. */
export const checkLog = (facts: Facts): Violation[] => {
  return [...gaps(facts), ...againstRealTime(facts)]
}

const gaps = ({ dump }: Facts): Violation[] => {
  const found: Violation[] = []
  let expected = 1
  for (const { seq } of dump.log) {
    if (seq !== expected) {
      found.push({
        invariant: 'I5',
        detail: `the log goes from ${String(expected - 1)} to ${String(seq)}`,
      })
    }
    expected = seq + 1
  }
  if (dump.head.seq !== expected - 1) {
    found.push({
      invariant: 'I5',
      detail: `the head is ${String(dump.head.seq)}, the last entry ${String(expected - 1)}`,
    })
  }
  return found
}

/** What was acknowledged before another write was begun has the lower number. */
const againstRealTime = (facts: Facts): Violation[] => {
  const done = [...facts.writes].flatMap(([id, records]) => {
    const seq = entryOfWrite(id, facts)
    const [invoke] = records
    const ok = records.find(({ phase }) => phase === 'ok')
    return seq === undefined || invoke === undefined || ok === undefined
      ? []
      : [{ id, seq, invokedAt: invoke.t, okAt: ok.t }]
  })
  const byInvoke = done.toSorted((a, b) => a.invokedAt - b.invokedAt)
  const byOk = done.toSorted((a, b) => a.okAt - b.okAt)
  const found: Violation[] = []
  let index = 0
  let highest = { id: '', seq: 0 }
  for (const write of byInvoke) {
    for (let next = byOk[index]; next !== undefined && next.okAt < write.invokedAt;) {
      if (next.seq > highest.seq) highest = next
      index += 1
      next = byOk[index]
    }
    if (highest.seq > write.seq) {
      found.push({
        invariant: 'I5',
        detail: `${write.id} began after ${highest.id} was acknowledged and has the lower number`,
      })
    }
  }
  return found
}
