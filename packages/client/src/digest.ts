import type { Divergence, InventoryDigest, Item } from '@uzima/contracts'
import { sha256Head } from './sha256.js'

/** What the digest looks at of an item. */
export type DigestedItem = Pick<Item, 'sku' | 'version' | 'usableQuantity' | 'expiredQuantity'>

/** Digest of a stock as the database makes it: order does not count. */
export const digestOf = (items: Iterable<DigestedItem>): string => hex(sumOf(items).sum)

export interface DigestCheckOptions {
  /** All that the view shows now. Read at each check: what is wrong may be the view. */
  readonly items: () => Iterable<DigestedItem>
  /** View and database were the same at `digest.seq`. */
  readonly onVerified: (digest: InventoryDigest) => void
  /** They were not. Tell the server `divergence`, as `inventory:diverged`. */
  readonly onDiverged: (divergence: Divergence) => void
  /**
   * Reads a snapshot in place of the view. Called on the first difference, and where that has not helped after the second,
   * fourth, eighth in a row: a client that cannot be repaired must not read the whole stock every 15 s.
   */
  readonly repair: () => void
}

/** Compares a view with the database's own digest, at the entry of the log that the digest is of. */
export interface DigestCheck {
  /** The view shows nothing any more: nothing is compared until `begin`. */
  readonly end: () => void
  /** The view was replaced by what there is at a snapshot; whole once the entry `wholeSeq` has been applied. */
  readonly begin: (wholeSeq: number) => void
  /** Entry `seq` puts `after` in the place of `before`; call it when the view has done so. */
  readonly change: (
    seq: number,
    before: DigestedItem | undefined,
    after: DigestedItem | undefined,
  ) => void
  /** The server told a digest. Call it in order with `change`: all that the view gets up to `digest.seq` is in it. */
  readonly receive: (digest: InventoryDigest) => void
}

/** The last changes, so that a digest can be compared by a view that has gone on since. */
const MAX_REMEMBERED = 1_000

export const createDigestCheck = (options: DigestCheckOptions): DigestCheck => {
  let changes: { readonly seq: number; readonly sum: bigint; readonly items: number }[] = []
  /** The view can be compared at this entry and later ones; undefined while it shows nothing. */
  let comparableFrom: number | undefined
  let differences = 0

  const receive = (digest: InventoryDigest): void => {
    if (comparableFrom === undefined || digest.seq < comparableFrom) return
    let { sum, items } = sumOf(options.items())
    for (const change of changes) {
      if (change.seq <= digest.seq) continue
      sum -= change.sum
      items -= change.items
    }
    const own = hex(sum)
    if (own === digest.digest && items === digest.items) {
      differences = 0
      options.onVerified(digest)
      return
    }
    differences += 1
    options.onDiverged({ seq: digest.seq, digest: own })
    if (Number.isInteger(Math.log2(differences))) options.repair()
  }

  return {
    end: () => {
      comparableFrom = undefined
      changes = []
    },
    begin: (wholeSeq) => {
      comparableFrom = wholeSeq
      changes = []
    },
    change: (seq, before, after) => {
      if (comparableFrom === undefined) return
      changes.push({
        seq,
        sum: valueOf(after) - valueOf(before),
        items: (after === undefined ? 0 : 1) - (before === undefined ? 0 : 1),
      })
      const oldest = changes.length > MAX_REMEMBERED ? changes.shift() : undefined
      // What was before it cannot be told any more.
      if (oldest !== undefined) comparableFrom = Math.max(comparableFrom, oldest.seq)
    },
    receive,
  }
}

const sumOf = (items: Iterable<DigestedItem>): { sum: bigint; items: number } => {
  let sum = 0n
  let count = 0
  for (const item of items) {
    sum += valueOf(item)
    count += 1
  }
  return { sum, items: count }
}

const hex = (sum: bigint): string => BigInt.asUintN(64, sum).toString(16).padStart(16, '0')

const valueOf = (item: DigestedItem | undefined): bigint => {
  if (item === undefined) return 0n
  const { sku, version, usableQuantity, expiredQuantity } = item
  const text = `${sku}\n${version.toString()}\n${usableQuantity.toString()}\n${expiredQuantity.toString()}`
  const known = valuesOf.get(item)
  if (known?.text === text) return known.value
  const value = sha256Head(text)
  valuesOf.set(item, { text, value })
  return value
}

/** Of the items in memory. With the text, so that an item that was changed in place does not pass for what it was. */
const valuesOf = new WeakMap<DigestedItem, { readonly text: string; readonly value: bigint }>()
