import type { Alert, AlertEvent } from '@uzima/contracts'
import fc from 'fast-check'
import { afterEach, describe, expect, it, vi } from 'vitest'
import {
  createAlertsView,
  RealtimeError,
  type AlertsFeed,
  type AlertsSnapshot,
} from '../src/index.js'
import { EPOCH } from './support/fake-server.js'

const AT = '2026-11-27T08:00:00.000Z'

const alert = (id: number, changes: Partial<Alert> = {}): Alert => ({
  id: id.toString(),
  kind: 'low_stock',
  sku: `sku-${id.toString()}`,
  name: 'Amoxicillin',
  state: 'open',
  raisedAt: AT,
  seq: id,
  seenBy: [],
  ...changes,
})

const event = (seq: number, changed: Alert): AlertEvent => ({ seq, alert: changed, timestamp: AT })

const snapshot = (seq: number, alerts: readonly Alert[]): AlertsSnapshot => ({
  alerts,
  position: { epoch: EPOCH, seq },
})

const later = <T>(): { readonly value: Promise<T>; readonly resolve: (value: T) => void } => {
  let resolve: (value: T) => void = () => undefined
  const value = new Promise<T>((done) => {
    resolve = done
  })
  return { value, resolve }
}

const OPTIONS = {
  acknowledge: (id: string) => Promise.resolve(alert(Number(id), { state: 'acknowledged' })),
  seen: () => Promise.resolve(),
  random: () => 0,
}
const viewOf = (load: () => Promise<AlertsSnapshot | null>): AlertsFeed =>
  createAlertsView({ ...OPTIONS, load })

const idsOf = (view: AlertsFeed): string[] => view.list().map(({ id }) => id)

afterEach(() => {
  vi.useRealTimers()
})

describe('the alerts view', () => {
  it('has what the log says, wherever in it stock and alerts were read and whenever they arrive', async () => {
    const change = fc.record({
      id: fc.integer({ min: 1, max: 5 }),
      state: fc.constantFrom<Alert['state'][]>('open', 'acknowledged', 'resolved'),
    })
    const places = fc.tuple(fc.nat(), fc.nat(), fc.nat(), fc.nat(), fc.nat())
    await fc.assert(
      fc.asyncProperty(fc.array(change, { maxLength: 30 }), places, async (changes, chosen) => {
        const events = changes.map(({ id, state }, index) => event(index + 1, alert(id, { state })))
        const truth = (upTo: number): Alert[] =>
          [
            ...new Map(events.slice(0, upTo).map((one) => [one.alert.id, one.alert])).values(),
          ].filter(({ state }) => state !== 'resolved')
        const between = (from: number, to: number, choice: number): number =>
          from + (choice % (to - from + 1))
        const connects = between(0, events.length, chosen[0])
        const stockIsThere = between(connects, events.length, chosen[1])
        const alertsAreThere = between(connects, events.length, chosen[2])
        // Both were read while their answers were on the way; the older entries are then not handed on.
        const stockReadAt = between(connects, stockIsThere, chosen[3])
        const alertsReadAt = between(connects, alertsAreThere, chosen[4])
        let now = 0
        let reads = 0
        const first = later<AlertsSnapshot>()
        const view = viewOf(() => {
          reads += 1
          return reads === 1 ? first.value : Promise.resolve(snapshot(now, truth(now)))
        })
        for (; now <= events.length; now += 1) {
          const last = events[now - 1]
          if (now > stockIsThere && last !== undefined) view.receive(last)
          if (now === connects) view.reload()
          if (now === alertsAreThere) first.resolve(snapshot(alertsReadAt, truth(alertsReadAt)))
          if (now === stockIsThere) {
            view.begins({ epoch: EPOCH, seq: stockReadAt })
            for (const waited of events.slice(stockReadAt, stockIsThere)) view.receive(waited)
          }
          await Promise.resolve()
          await Promise.resolve()
        }
        now = events.length
        await expect
          .poll(() => new Set(view.list()), { interval: 1, timeout: 5_000 })
          .toEqual(new Set(truth(events.length)))
      }),
    )
  })

  it('shows the most urgent first, and what somebody acts on last', async () => {
    const view = viewOf(() =>
      Promise.resolve(
        snapshot(9, [
          alert(1, { kind: 'expiring' }),
          alert(2, { kind: 'out_of_stock', state: 'acknowledged' }),
          alert(3, { kind: 'low_stock' }),
          alert(4, { kind: 'expired' }),
          alert(5, { kind: 'out_of_stock' }),
          alert(6, { kind: 'low_stock' }),
        ]),
      ),
    )
    view.reload()
    await expect.poll(() => idsOf(view)).toEqual(['5', '4', '6', '3', '1', '2'])
    expect(view.list({ state: 'open', kind: 'low_stock' })).toHaveLength(2)
    expect(view.list({ sku: 'sku-4' })).toMatchObject([{ id: '4' }])
  })

  it('gives the same list until an alert changes, and tells of each change once', async () => {
    const view = viewOf(() => Promise.resolve(snapshot(9, [alert(1)])))
    let told = 0
    const unsubscribe = view.subscribe(() => (told += 1))
    view.reload()
    await expect.poll(() => told).toBe(1)
    const list = view.list()
    view.receive(event(8, alert(1, { state: 'resolved' })))
    expect(view.list()).toBe(list)

    view.receive(event(10, alert(1, { state: 'acknowledged' })))
    view.receive(event(11, alert(2)))
    await expect.poll(() => told).toBe(2)
    expect(view.list()).not.toBe(list)
    unsubscribe()
    view.receive(event(12, alert(2, { state: 'resolved' })))
    await Promise.resolve()
    expect(told).toBe(2)
    expect(idsOf(view)).toEqual(['1'])
  })

  it('reads again where the first read failed, and hears meanwhile', async () => {
    let tries = 0
    const view = viewOf(() => {
      tries += 1
      return tries === 1
        ? Promise.reject(new RealtimeError('NETWORK_ERROR', 'Gone', { retryable: true }))
        : Promise.resolve(snapshot(5, [alert(1)]))
    })
    view.reload()
    view.receive(event(6, alert(2)))
    await expect.poll(() => idsOf(view)).toEqual(['2', '1'])
  })

  it('does not make what it showed before newer while it reads', async () => {
    const answer = later<AlertsSnapshot>()
    let now = 100
    const view = createAlertsView({ ...OPTIONS, load: () => answer.value, asOf: () => now })
    expect(view.asOf()).toBeNull()
    view.show({ alerts: [alert(1)], asOf: 7 })
    view.reload()
    expect([idsOf(view), view.kept()]).toEqual([['1'], { alerts: [alert(1)], asOf: 7 }])
    answer.resolve(snapshot(5, [alert(2)]))
    await expect.poll(() => view.asOf()).toBe(100)
    expect(idsOf(view)).toEqual(['2'])
    view.reload()
    now = 200
    expect(view.asOf()).toBe(100)
    await expect.poll(() => view.asOf()).toBe(200)
  })

  it('reads nothing more once it has ended', async () => {
    vi.useFakeTimers()
    let reads = 0
    const view = viewOf(() => {
      reads += 1
      return Promise.reject(new RealtimeError('NETWORK_ERROR', 'Gone', { retryable: true }))
    })
    view.show({ alerts: [alert(1)], asOf: 7 })
    view.reload()
    await vi.advanceTimersByTimeAsync(60_000)
    const before = reads
    expect(before).toBeGreaterThan(2)
    view.end()
    await vi.advanceTimersByTimeAsync(60_000)
    expect(reads).toBe(before)
    expect(idsOf(view)).toEqual(['1'])
  })

  it('keeps nothing of somebody who has left, an answer on its way included', async () => {
    const answer = later<AlertsSnapshot>()
    const view = viewOf(() => answer.value)
    view.reload()
    view.clear()
    answer.resolve(snapshot(5, [alert(1)]))
    await answer.value
    view.receive(event(6, alert(2)))
    expect(view.list()).toEqual([])
  })
})
