import type { Divergence, InventoryDigest, Item } from '@uzima/contracts'
import { sha256Head } from './sha256.js'

/** What the digest looks at of an item. */
export type DigestedItem = Pick<Item, 'sku' | 'version' | 'usableQuantity' | 'expiredQuantity'>

/** Digest of a stock as the database makes it: order does not count. */
export const digestOf = (items: Iterable<DigestedItem>): string => sumOf(items).digest

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
  /** The view shows what there is at a position; whole once the entry `wholeSeq` has been applied. */
  readonly begin: (wholeSeq: number) => void
  /** The view shows nothing any more: nothing is compared until `begin`. */
  readonly end: () => void
  /** The server told a digest. Call it in order with the events: those up to `digest.seq` are in the view, no others. */
  readonly receive: (digest: InventoryDigest) => void
}

export const createDigestCheck = (options: DigestCheckOptions): DigestCheck => {
  /** Infinity while the view shows nothing. */
  let comparableFrom = Infinity
  let differences = 0

  return {
    begin: (wholeSeq) => {
      comparableFrom = wholeSeq
    },
    end: () => {
      comparableFrom = Infinity
    },
    receive: (digest) => {
      if (digest.seq < comparableFrom) return
      const own = sumOf(options.items())
      if (own.digest === digest.digest && own.items === digest.items) {
        differences = 0
        options.onVerified(digest)
        return
      }
      differences += 1
      options.onDiverged({ seq: digest.seq, digest: own.digest })
      if (Number.isInteger(Math.log2(differences))) options.repair()
    },
  }
}

const sumOf = (items: Iterable<DigestedItem>): { digest: string; items: number } => {
  let sum = 0n
  let count = 0
  for (const item of items) {
    sum += valueOf(item)
    count += 1
  }
  return { digest: BigInt.asUintN(64, sum).toString(16).padStart(16, '0'), items: count }
}

const valueOf = (item: DigestedItem): bigint => {
  const text = [item.sku, item.version, item.usableQuantity, item.expiredQuantity].join('\n')
  let known = valuesOf.get(item)
  if (known?.text !== text) valuesOf.set(item, (known = { text, value: sha256Head(text) }))
  return known.value
}

/** Of the items in memory. With the text, so that an item that was changed in place does not pass for what it was. */
const valuesOf = new WeakMap<DigestedItem, { readonly text: string; readonly value: bigint }>()
