import fc from 'fast-check'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { AppError } from '../../src/errors/app-error.js'
import { createShares, type Place, type ShareOptions, type Shares } from '../../src/http/shares.js'

const FOR_EVER_MS = 3_600_000

const sharesOf = (options: Partial<ShareOptions> = {}): Shares =>
  createShares({ atOnce: 2, perCaller: 2, maxWaiting: 3, waitAtMostMs: FOR_EVER_MS, ...options })

interface Asked {
  readonly caller: string
  readonly place: Promise<Place>
  readonly abort: () => void
  got?: Place
  failed?: unknown
  hasWorked?: boolean
  hasLeft?: boolean
}

/** Asks, and keeps what came of it. */
const ask = (shares: Shares, caller: string): Asked => {
  const leaving = new AbortController()
  const place = shares.enter(caller, leaving.signal)
  const asked: Asked = { caller, place, abort: () => leaving.abort(new Error('gone')) }
  place.then(
    (got) => {
      asked.got = got
    },
    (error: unknown) => {
      asked.failed = error
    },
  )
  return asked
}

const holds = ({ got, hasLeft = false }: Asked): boolean => got !== undefined && !hasLeft
const works = ({ got, hasWorked = false }: Asked): boolean => got !== undefined && !hasWorked
const waits = ({ got, failed }: Asked): boolean => got === undefined && failed === undefined

const step = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('arrive'), caller: fc.integer({ min: 0, max: 4 }) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('abort'), pick: fc.nat() }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('work'), pick: fc.nat() }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('leave'), pick: fc.nat() }) },
) as fc.Arbitrary<{ do: string; caller?: number; pick?: number }>

describe('shares, whatever the order of arriving, leaving, ending and being answered', () => {
  it('hold their bounds, keep the order of each caller, leave nobody waiting without need, and end empty', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 80 }),
        fc.record({
          atOnce: fc.integer({ min: 1, max: 4 }),
          perCaller: fc.integer({ min: 1, max: 3 }),
          maxWaiting: fc.integer({ min: 0, max: 3 }),
        }),
        async (steps, options) => {
          const shares = sharesOf(options)
          const all: Asked[] = []
          const check = (): void => {
            expect(all.filter(works).length).toBeLessThanOrEqual(options.atOnce)
            const started = new Map<string, boolean>()
            for (const caller of new Set(all.map((asked) => asked.caller))) {
              const own = all.filter((asked) => asked.caller === caller)
              const held = own.filter(holds).length
              expect(held).toBeLessThanOrEqual(options.perCaller)
              expect(own.filter(waits).length).toBeLessThanOrEqual(options.maxWaiting)
              // Who came later has not overtaken: no place was given after one that still waits.
              const firstWaiting = own.findIndex(waits)
              if (firstWaiting >= 0) {
                expect(own.slice(firstWaiting).some(({ got }) => got !== undefined)).toBe(false)
              }
              started.set(caller, own.some(waits) && held < options.perCaller)
            }
            // Nobody waits beside a free place of his own and of all.
            if ([...started.values()].some(Boolean)) {
              expect(all.filter(works).length).toBe(options.atOnce)
            }
            expect(shares.count().waiting).toBe(all.filter(waits).length)
          }
          const pick = (from: readonly Asked[], index = 0): Asked | undefined =>
            from.length === 0 ? undefined : from[index % from.length]
          const apply: Record<string, (which: (typeof steps)[number]) => void> = {
            arrive: ({ caller }) => all.push(ask(shares, String(caller))),
            abort: ({ pick: index }) => pick(all.filter(waits), index)?.abort(),
            work: ({ pick: index }) => {
              const asked = pick(all.filter(works), index)
              asked?.got?.worked()
              if (asked !== undefined) asked.hasWorked = true
            },
            leave: ({ pick: index }) => {
              const asked = pick(all.filter(holds), index)
              asked?.got?.left()
              if (asked !== undefined) asked.hasLeft = true
            },
          }
          for (const one of steps) {
            apply[one.do]?.(one)
            await nextTurn()
            check()
          }
          for (let open = all.filter((a) => works(a) || holds(a)); open.length > 0;) {
            for (const asked of open) {
              // Twice, as an answer that is finished and then closed.
              for (let times = 0; times < 2; times += 1) {
                asked.got?.worked()
                asked.got?.left()
              }
              asked.hasWorked = true
              asked.hasLeft = true
            }
            await nextTurn()
            open = all.filter((a) => works(a) || holds(a))
          }
          expect(all.filter(waits)).toEqual([])
          // Empty again: all that may run at once does so, for a caller of each kind.
          const again = Array.from({ length: options.atOnce }, (_, n) =>
            ask(shares, `new-${String(n)}`),
          )
          await nextTurn()
          expect(again.every(holds)).toBe(true)
        },
      ),
      { numRuns: 300 },
    )
  })

  it('delay who comes by one piece of work of each other caller at most', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 8 }), { minLength: 1, maxLength: 6 }),
        fc.integer({ min: 1, max: 3 }),
        fc.integer({ min: 0, max: 40 }),
        async (queues, atOnce, before) => {
          const shares = sharesOf({ atOnce, perCaller: atOnce, maxWaiting: 50 })
          const loud = queues.flatMap((length, n) =>
            Array.from({ length }, () => ask(shares, `loud-${String(n)}`)),
          )
          await nextTurn()
          const endOne = async (): Promise<void> => {
            await nextTurn()
            const asked = loud.find(works)
            if (asked === undefined) return
            asked.hasWorked = true
            asked.got?.left()
            asked.got?.worked()
            await nextTurn()
          }
          for (let ended = 0; ended < before; ended += 1) await endOne()
          const startedBefore = loud.filter(({ got }) => got !== undefined).length
          const quiet = ask(shares, 'quiet')
          await nextTurn()
          while (waits(quiet)) await endOne()
          const overtook = loud.filter(({ got }) => got !== undefined).length - startedBefore
          expect(overtook).toBeLessThanOrEqual(queues.length)
        },
      ),
      { numRuns: 200 },
    )
  })
})

describe('a share', () => {
  it('refuses at once what is one too many to wait, and says when to come back', async () => {
    const shares = sharesOf({ atOnce: 1, maxWaiting: 1 })
    ask(shares, 'a')
    const second = ask(shares, 'a')
    await expect(shares.enter('a')).rejects.toMatchObject({
      code: 'RATE_LIMITED',
      retryAfterMs: expect.any(Number) as number,
    })
    expect(waits(second)).toBe(true)
    expect(shares.count()).toEqual({ waiting: 1, refused: 1 })
  })

  it('refuses who has waited too long, and serves the next', async () => {
    const shares = sharesOf({ atOnce: 1, waitAtMostMs: 20 })
    const first = await shares.enter('a')
    await expect(shares.enter('a')).rejects.toBeInstanceOf(AppError)
    first.worked()
    first.left()
    await expect(shares.enter('a')).resolves.toBeDefined()
  })

  it('gives the place back when the work throws', async () => {
    const shares = sharesOf({ atOnce: 1 })
    const failure = new Error('broken')
    await expect(shares.run('a', () => Promise.reject(failure))).rejects.toBe(failure)
    await expect(shares.run('b', async () => 'done')).resolves.toBe('done')
  })

  it('frees the work of all while an answer is still on its way, but not the place of its caller', async () => {
    const shares = sharesOf({ atOnce: 1, perCaller: 1 })
    const slow = await shares.enter('slow')
    const next = ask(shares, 'slow')
    slow.worked()
    await expect(shares.run('other', async () => 'served')).resolves.toBe('served')
    expect(waits(next)).toBe(true)
    slow.left()
    await next.place
  })
})
