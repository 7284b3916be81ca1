import { RealtimeError } from '@uzima/client'
import { updateItemSchema, type Item } from '@uzima/contracts'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { applyChanges, type Outcome } from '../src/admin/settings/apply-changes.js'
import { readValue, type ItemChange } from '../src/admin/settings/fields.js'
import { readSettingsFile, settingsFile } from '../src/admin/settings/settings-file.js'

const item = (sku: string, changes: Partial<Item> = {}): Item => ({
  sku,
  name: `Name of ${sku}`,
  category: 'Antibiotics',
  unit: 'tablet',
  threshold: 10,
  totalQuantity: 40,
  usableQuantity: 40,
  expiredQuantity: 0,
  lowStock: false,
  version: 1,
  lots: [],
  metadata: {},
  updatedAt: '2026-11-27T08:00:00.000Z',
  ...changes,
})

const stock = (...items: readonly Item[]) => {
  const bySku = new Map(items.map((one) => [one.sku, one]))
  return (sku: string) => bySku.get(sku)
}

describe('a file of settings', () => {
  it('changes nothing when it comes back as it was saved, in either separator', () => {
    const texts = fc.string({ minLength: 1, maxLength: 20 }).filter((text) => {
      const read = readValue('name', text)
      return 'value' in read && read.value === text && text !== ''
    })
    const items = fc.uniqueArray(
      fc.record({
        sku: fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,20}$/),
        name: texts,
        category: fc.option(texts),
        unit: fc.option(texts),
        threshold: fc.integer({ min: 0, max: 2_147_483_647 }),
      }),
      { selector: ({ sku }) => sku, minLength: 1, maxLength: 8 },
    )
    fc.assert(
      fc.property(items, fc.constantFrom(',' as const, ';' as const), (made, separator) => {
        const all = made.map(({ sku, ...rest }) => item(sku, rest))
        expect(readSettingsFile(settingsFile(all, { separator }), stock(...all))).toEqual({
          changes: [],
          refused: [],
          unchanged: all.length,
        })
      }),
    )
  })

  it('shows what each row would change, and what it would leave', () => {
    const file = [
      'SKU;Threshold;Unit;Remark',
      'A;25;;as before',
      'B;1 200;box;',
      'C;10;tablet;',
      'D',
    ].join('\n')
    expect(readSettingsFile(file, stock(item('A'), item('B'), item('C'), item('D')))).toEqual({
      changes: [
        {
          sku: 'A',
          name: 'Name of A',
          line: 2,
          fields: [{ field: 'threshold', before: 10, after: 25 }],
        },
        {
          sku: 'B',
          name: 'Name of B',
          line: 3,
          fields: [
            { field: 'unit', before: 'tablet', after: 'box' },
            { field: 'threshold', before: 10, after: 1_200 },
          ],
        },
      ],
      refused: [],
      unchanged: 2,
    })
  })

  it('refuses rows on their lines, and takes the others', () => {
    const file = [
      'sku,threshold,name',
      'A,12,',
      ',5,',
      'X,5,',
      'A,13,',
      'B,"1,5",',
      'C,-3,',
      'D,99999999999,',
      `E,1,${'n'.repeat(201)}`,
    ].join('\r\n')
    const known = stock(...['A', 'B', 'C', 'D', 'E'].map((sku) => item(sku)))
    const diff = readSettingsFile(file, known)
    expect(diff).toMatchObject({
      changes: [{ sku: 'A', line: 2 }],
      refused: [
        { line: 3, problem: 'no_code' },
        { line: 4, sku: 'X', problem: 'unknown_item' },
        { line: 5, sku: 'A', problem: 'twice', firstLine: 2 },
        { line: 6, sku: 'B', problem: 'not_a_number', field: 'threshold', value: '1,5' },
        { line: 7, sku: 'C', problem: 'not_a_number', value: '-3' },
        { line: 8, sku: 'D', problem: 'too_large' },
        { line: 9, sku: 'E', problem: 'too_long', field: 'name' },
      ],
    })
  })

  it.each([
    ['', { problem: 'empty' }],
    ['sku,threshold\n', { problem: 'empty' }],
    ['name,threshold\nA,1\n', { problem: 'no_code_column' }],
    ['sku,seuil\nA,1\n', { problem: 'no_known_column' }],
    ['sku,name\nA,"x\n', { problem: 'unclosed_quote', line: 2 }],
  ])('that cannot be read says why: %j', (file, problem) => {
    expect(readSettingsFile(file, stock(item('A')))).toEqual(problem)
  })

  it('takes a value exactly where the server would', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('name' as const, 'category' as const, 'unit' as const),
        fc.oneof(
          fc.string({ minLength: 1, unit: 'binary' }),
          fc.string({ minLength: 40, maxLength: 210 }),
          fc.string({
            minLength: 1,
            unit: fc.constantFrom('\u0000', '\ud800', '\u2028', 'a', ' '),
          }),
        ),
        (field, text) => {
          // An empty cell is not read at all.
          fc.pre(text.trim() !== '')
          const read = readValue(field, text)
          const taken = updateItemSchema.safeParse({ [field]: text })
          expect('value' in read).toBe(taken.success)
          if ('value' in read) expect(taken.data).toEqual({ [field]: read.value })
        },
      ),
    )
  })

  it('of 5,000 lines is read in one go', () => {
    const all = Array.from({ length: 5_000 }, (_, index) => item(`SKU-${index.toString()}`))
    const file = settingsFile(all.map((one) => ({ ...one, threshold: one.threshold + 1 })))
    const diff = readSettingsFile(file, stock(...all))
    expect(diff).toMatchObject({ refused: [], unchanged: 0 })
    expect('changes' in diff && diff.changes.length).toBe(5_000)
  })
})

/** A server of one rule, the version, over a network that loses requests and answers as `isLost` says. */
const fakeServer = (items: readonly Item[], isLost: () => 'request' | 'answer' | undefined) => {
  const bySku = new Map(items.map((one) => [one.sku, one]))
  const writes = new Map<string, number>()
  const find = (sku: string): Item => {
    const found = bySku.get(sku)
    if (found === undefined) throw new RealtimeError('X', 'gone', { retryable: false, status: 404 })
    return found
  }
  const overNetwork = async <T>(work: () => T): Promise<T> => {
    const lost = isLost()
    const lose = (): never => {
      throw new RealtimeError('NETWORK_ERROR', 'lost', { retryable: true })
    }
    if (lost === 'request') return lose()
    const answer = work()
    return lost === 'answer' ? lose() : answer
  }
  return {
    writes,
    find,
    /** Somebody else's change. */
    change: (sku: string, changes: Partial<Item>) => {
      const before = find(sku)
      bySku.set(sku, { ...before, ...changes, version: before.version + 1 })
    },
    rest: {
      get: (sku: string) => overNetwork(() => find(sku)),
      update: (sku: string, changes: object, version?: number) =>
        overNetwork(() => {
          const before = find(sku)
          if (before.version !== version) {
            throw new RealtimeError('X', 'newer', { retryable: false, status: 412 })
          }
          const after = { ...before, ...changes, version: before.version + 1 }
          bySku.set(sku, after)
          writes.set(sku, (writes.get(sku) ?? 0) + 1)
          return after
        }),
    },
  }
}

const raise = (sku: string, from = 10, to = 25): ItemChange => ({
  sku,
  name: sku,
  fields: [{ field: 'threshold', before: from, after: to }],
})

const apply = async (
  changes: readonly ItemChange[],
  server: ReturnType<typeof fakeServer>,
  options: {
    readonly find?: (sku: string) => Item | undefined
    readonly signal?: AbortSignal
  } = {},
) => {
  const outcomes = new Map<string, Outcome>()
  await applyChanges(changes, {
    rest: server.rest,
    find: server.find,
    onOutcome: ({ sku }, outcome) => outcomes.set(sku, outcome),
    signal: new AbortController().signal,
    waitMs: () => 0,
    ...options,
  })
  return outcomes
}

describe('changes of settings', () => {
  it('are made once each, whatever the network loses and however the stock moves meanwhile', async () => {
    await fc.assert(
      fc.asyncProperty(fc.infiniteStream(fc.integer({ min: 0, max: 9 })), async (chances) => {
        const skus = Array.from({ length: 12 }, (_, index) => `S${index.toString()}`)
        const server = fakeServer(
          skus.map((sku) => item(sku)),
          () => {
            const chance = chances.next().value ?? 9
            // Whoever dispenses makes new versions all the time.
            if (chance === 2) server.change(skus[chance] ?? '', { usableQuantity: 1 })
            return chance === 0 ? 'request' : chance === 1 ? 'answer' : undefined
          },
        )
        const outcomes = await apply(
          skus.map((sku) => raise(sku)),
          server,
        )
        expect([...outcomes.values()]).toEqual(skus.map(() => ({ state: 'saved' })))
        for (const sku of skus) {
          expect(server.find(sku).threshold).toBe(25)
          expect(server.writes.get(sku)).toBe(1)
        }
      }),
      { numRuns: 200 },
    )
  })

  it('never overwrite what somebody else has set since they were shown', async () => {
    const server = fakeServer([item('A'), item('B')], () => undefined)
    const shown = { A: server.find('A'), B: server.find('B') }
    server.change('A', { threshold: 50 })
    server.change('B', { unit: 'box' })
    // The page's own view is late.
    const outcomes = await apply([raise('A'), raise('B')], server, {
      find: (sku) => shown[sku as 'A' | 'B'],
    })
    expect(outcomes.get('A')).toMatchObject({ state: 'overtaken', now: 50 })
    expect(outcomes.get('B')).toEqual({ state: 'saved' })
    expect(server.find('A').threshold).toBe(50)
    expect(server.find('B')).toMatchObject({ threshold: 25, unit: 'box' })
  })

  it('are refused one by one', async () => {
    const server = fakeServer([item('A')], () => undefined)
    const outcomes = await apply([raise('GONE'), raise('A')], server, { find: () => undefined })
    expect(outcomes.get('GONE')).toMatchObject({ state: 'refused', error: { status: 404 } })
    expect(outcomes.get('A')).toEqual({ state: 'saved' })
  })

  it('end when they are stopped, and say which were not tried', async () => {
    const skus = Array.from({ length: 20 }, (_, index) => `S${index.toString()}`)
    const stop = new AbortController()
    const server = fakeServer(
      skus.map((sku) => item(sku)),
      () => {
        if (server.writes.size === 5) stop.abort()
        return undefined
      },
    )
    const outcomes = await apply(
      skus.map((sku) => raise(sku)),
      server,
      { signal: stop.signal },
    )
    const count = (state: Outcome['state']) =>
      [...outcomes.values()].filter((outcome) => outcome.state === state).length
    expect(count('saved')).toBe(server.writes.size)
    expect(count('saved') + count('stopped')).toBe(20)
    expect(count('stopped')).toBeGreaterThan(10)
  })

  it('are not tried on when the session has ended', async () => {
    const server = fakeServer([item('A')], () => {
      throw new RealtimeError('X', 'out', { retryable: false, status: 401 })
    })
    const outcomes = await apply(
      Array.from({ length: 10 }, (_, index) => raise(`S${index.toString()}`)),
      server,
      { find: () => item('S') },
    )
    const states = [...outcomes.values()].map(({ state }) => state)
    expect(states.filter((state) => state === 'refused').length).toBeLessThanOrEqual(3)
    expect(states).toContain('stopped')
  })
})
