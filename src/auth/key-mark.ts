import { scrypt, timingSafeEqual, type KeyObject } from 'node:crypto'
import type { Keys } from './keys.js'

const BYTES = 16
/** 16 MiB and some 30 ms for each guess, of a secret of at least 32 bytes drawn at random (decision 0048). */
const COST = { N: 16_384, r: 8, p: 1, maxmem: 67_108_864 } as const
/** Each comparison takes as long. */
const MAX_COMPARED = 5

/** A node as the database knows it, and the mark that it shows of the key it signs with; null where it shows none. */
export interface MarkedNode {
  readonly id: string
  readonly name: string
  readonly mark: Uint8Array | null
}

/**
 * A mark by which whoever has the same key can tell that it is the same, and nobody else anything. The salt is the id of
 * the run that shows it, so that no two marks compare, not even of one key.
 */
export const keyMark = (key: KeyObject, runId: string): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    scrypt(key.export(), `uzima key mark 1 ${runId}`, BYTES, COST, (error, mark) => {
      if (error === null) resolve(mark)
      else reject(error)
    })
  })

/** Names of those, of the first few, that sign with a key that is none of ours, JWT_SECRET_PREVIOUS included. */
export const nodesWithOtherKeys = async (
  nodes: readonly MarkedNode[],
  keys: Keys,
): Promise<string[]> => {
  const ours = keys.configured({ alg: 'HS256' })
  const others: string[] = []
  for (const { id, name, mark } of nodes.slice(0, MAX_COMPARED)) {
    if (mark !== null && !(await isOfOne(mark, ours, id))) others.push(name)
  }
  return others
}

const isOfOne = async (
  mark: Uint8Array,
  keys: readonly KeyObject[],
  runId: string,
): Promise<boolean> => {
  for (const key of keys) {
    const own = await keyMark(key, runId)
    if (own.length === mark.length && timingSafeEqual(own, mark)) return true
  }
  return false
}

/** What that means and what to do. */
export const otherKeysSentence = (names: readonly string[]): string =>
  `JWT_SECRET: ${names.join(', ')} sign${names.length === 1 ? 's' : ''} with another secret on this database, so that tokens made there are refused here. ` +
  'Give all nodes one JWT_SECRET; while it changes, the other one as JWT_SECRET_PREVIOUS.'
