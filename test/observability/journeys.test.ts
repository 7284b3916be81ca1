import { INVALID_SPAN_CONTEXT, trace } from '@opentelemetry/api'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createJourneys, type Delivered } from '../../src/observability/journeys.js'

const span = trace.wrapSpanContext(INVALID_SPAN_CONTEXT)

const deliveredOf = (seq: number): Delivered => ({
  keys: [`seq:${seq.toString()}`, `item:${seq.toString()}:A`],
  seq,
  event: 'inventory:update',
  committedAt: 0,
  takenAt: 0,
  writtenAt: 0,
})

const record = () => {
  const told: [seq: number, requestId: string | undefined][] = []
  const journeys = createJourneys(({ seq }, asking) => told.push([seq, asking?.requestId]))
  return { told, ...journeys }
}

describe('journeys', () => {
  it('tell of each entry once, with its own request, whichever of the two is heard of first', () => {
    const steps = fc.array(
      fc.record({
        seq: fc.integer({ min: 1, max: 30 }),
        step: fc.constantFrom('begin', 'settle', 'fail', 'deliver'),
      }),
      { maxLength: 200 },
    )
    fc.assert(
      fc.property(steps, (asked) => {
        const { told, begin, delivered } = record()
        const open = new Map<number, (key: string | undefined) => void>()
        const settled = new Set<number>()
        const passed = new Set<number>()
        for (const { seq, step } of asked) {
          const requestId = seq.toString()
          if (step === 'begin' && !open.has(seq) && !settled.has(seq) && !passed.has(seq)) {
            open.set(seq, begin({ requestId, span }))
          }
          if (step === 'settle' || step === 'fail') {
            open.get(seq)?.(step === 'settle' ? `item:${requestId}:A` : undefined)
            if (open.delete(seq) && step === 'settle') settled.add(seq)
          }
          if (step === 'deliver' && !passed.has(seq)) {
            passed.add(seq)
            delivered([deliveredOf(seq)])
          }
        }
        for (const [seq, settle] of open) {
          settle(`item:${seq.toString()}:A`)
          settled.add(seq)
        }
        const expected = [...passed].map((seq) => [
          seq,
          settled.has(seq) ? seq.toString() : undefined,
        ])
        expect([...told].sort(([a], [b]) => a - b)).toEqual(
          expected.sort(([a], [b]) => Number(a) - Number(b)),
        )
      }),
    )
  })

  it('forget the oldest of what never comes, and never wait for a request that hangs', () => {
    const { told, begin, delivered } = record()
    begin({ requestId: 'hangs', span })
    for (let seq = 1; seq <= 5_000; seq += 1) delivered([deliveredOf(seq)])
    expect(told.length).toBeGreaterThan(4_000)
    expect(told.slice(0, 3)).toEqual([
      [1, undefined],
      [2, undefined],
      [3, undefined],
    ])
  })
})
