import type { Recorder } from '../history.js'
import type { Random } from '../../rig/random.js'
import { lotNumber, LOTS_PER_ITEM, type RigUser } from '../rig/population.js'
import type { RigNode } from '../rig/rig.js'
import type { TokenBook } from '../rig/token-book.js'
import { every, pause, type Worker } from './pace.js'
import type { Rest, RestAnswer, RestCall } from '../../rig/rest.js'

export interface WriterOptions {
  readonly user: RigUser
  readonly nodes: readonly RigNode[]
  readonly tokens: TokenBook
  readonly rest: Rest
  readonly recorder: Recorder
  readonly random: Random
  readonly skus: readonly string[]
  readonly perSecond: number
  /** After this a write without an answer stays `unknown`. */
  readonly giveUpAfterMs: number
}

type Kind = 'consume' | 'receive' | 'adjust' | 'threshold'

/** Answers that say nothing about what became of the write; 401 is what a node with a wrong clock says to a good token. */
const TRY_AGAIN = new Set([401, 408, 429, 500, 502, 503, 504])

/** Writes over REST, each write with a key of its own, and asks again until it knows what became of it. */
export const startWriter = (options: WriterOptions): Worker => {
  const { user, nodes, tokens, rest, recorder, random, skus, perSecond } = options
  let count = 0

  const write = async (): Promise<void> => {
    count += 1
    const id = `${user.username}-${String(count)}`
    const sku = random.pick(skus)
    const kind = pickKind(random)
    const quantity = quantityOf(kind, random)
    const base = { op: 'write', write: id, actor: user.username } as const
    recorder.add({ ...base, phase: 'invoke', via: 'rest', kind, sku, quantity })
    const call = { ...callOf(kind, sku, quantity, id, random), idempotencyKey: id }

    const answer = await ask(call, (why) => {
      recorder.add({ ...base, phase: 'unknown', why })
    })
    if (answer === undefined) return
    const body = answer.body as { item?: unknown; version?: number } & Record<string, unknown>
    if (answer.status >= 300) {
      const { code = '', available } = body as { code?: string; available?: number }
      recorder.add({
        ...base,
        phase: 'refused',
        status: answer.status,
        code,
        available: available ?? null,
      })
    } else {
      const item = (body.item ?? body) as { version: number }
      const lotsConsumed = body['lotsConsumed'] ?? null
      recorder.add({ ...base, phase: 'ok', version: item.version, item, lotsConsumed })
    }
    if (kind !== 'threshold' && random.chance(0.05)) await repeat(base, call, answer)
  }

  /** A retry after the answer must get the answer again; the same key with another body must be refused. */
  const repeat = async (
    base: { op: 'write'; write: string; actor: string },
    call: Omit<RestCall, 'url' | 'token'>,
    first: RestAnswer,
  ): Promise<void> => {
    const again = await ask(call, () => undefined)
    if (again === undefined) return
    const same = again.status === first.status && again.text === first.text
    recorder.add({ ...base, phase: 'repeat', same })
    const other = { ...(call.body as object), quantity: 999_999 }
    const reused = await ask({ ...call, body: other }, () => undefined)
    if (reused !== undefined) recorder.add({ ...base, phase: 'reuse', status: reused.status })
  }

  const ask = async (
    call: Omit<RestCall, 'url' | 'token'>,
    onUnknown: (why: string) => void,
  ): Promise<RestAnswer | undefined> => {
    const deadline = performance.now() + options.giveUpAfterMs
    for (let tries = 0; ; tries += 1) {
      let why: string
      try {
        const { token } = tokens.of(user.id)
        const answer = await rest({ ...call, url: random.pick(nodes).url, token })
        const { code } = (answer.body ?? {}) as { code?: string }
        if (!TRY_AGAIN.has(answer.status) && code !== 'IDEMPOTENCY_IN_PROGRESS') return answer
        why = `${String(answer.status)} ${code ?? ''}`
      } catch (error) {
        why = error instanceof Error ? error.message : String(error)
      }
      onUnknown(why)
      if (performance.now() > deadline) return undefined
      await pause(Math.min(100 * 2 ** tries, 1_000))
    }
  }

  return every(() => (1_000 / perSecond) * (0.5 + random.next()), write)
}

const pickKind = (random: Random): Kind => {
  const draw = random.next()
  if (draw < 0.7) return 'consume'
  if (draw < 0.9) return 'receive'
  return draw < 0.95 ? 'adjust' : 'threshold'
}

/** So that stock goes up and down around the thresholds, and is short at times. */
const quantityOf = (kind: Kind, random: Random): number => {
  if (kind === 'consume') return random.chance(0.03) ? random.int(600, 2_000) : random.int(15, 65)
  if (kind === 'receive') return random.int(100, 260)
  return kind === 'adjust' ? random.int(0, 120) : random.int(60, 140)
}

const callOf = (
  kind: Kind,
  sku: string,
  quantity: number,
  id: string,
  random: Random,
): Omit<RestCall, 'url' | 'token'> => {
  const path = `/api/inventory/${sku}`
  const lot = random.int(1, LOTS_PER_ITEM)
  if (kind === 'consume') {
    return { method: 'POST', path: `${path}/consume`, body: { quantity, reason: id } }
  }
  if (kind === 'adjust') {
    const body = { lotNumber: lotNumber(lot), quantity, reason: id }
    return { method: 'POST', path: `${path}/adjust`, body }
  }
  if (kind === 'receive') {
    // A delivery of the week: few lots, so that items stay small.
    const body = { lotNumber: `R${String(lot)}`, quantity, expiryDate: `2031-0${String(lot)}-15` }
    return { method: 'POST', path: `${path}/lots`, body }
  }
  return { method: 'PATCH', path, body: { threshold: quantity, metadata: { write: id } } }
}
