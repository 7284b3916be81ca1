import { createHash } from 'node:crypto'
import type { Position } from '../history.js'

/** The stock as one client knows it. */
export interface Replica {
  readonly position: () => Position | undefined
  /** Takes an event; false where it is known already, or must wait for the snapshot. */
  readonly take: (seq: number, item: ItemState | undefined) => boolean
  /** Where a client without a past begins. */
  readonly begin: (position: Position) => void
  /** From now on events wait, until `load` or `forget`. */
  readonly expectSnapshot: () => void
  /** Replaces everything; returns the numbers of the events that had waited and hold on top of it. */
  readonly load: (position: Position, items: readonly ItemState[]) => number[]
  /** The connection ended before the snapshot came: what waited is forgotten, and comes again. */
  readonly forget: () => void
  readonly isWaiting: () => boolean
  readonly stateHash: () => string
}

export interface ItemState {
  readonly sku: string
  readonly [field: string]: unknown
}

/** Reduces events by sku; applies each number once, in order. */
export const createReplica = (): Replica => {
  let position: Position | undefined
  let waiting: { seq: number; item: ItemState | undefined }[] | undefined
  const items = new Map<string, ItemState>()

  const apply = (epoch: string, seq: number, item: ItemState | undefined): void => {
    if (item !== undefined) items.set(item.sku, item)
    position = { epoch, seq }
  }

  return {
    position: () => position,
    take(seq, item) {
      if (waiting !== undefined) {
        waiting.push({ seq, item })
        return false
      }
      if (position === undefined || seq <= position.seq) return false
      apply(position.epoch, seq, item)
      return true
    },
    begin(start) {
      position ??= start
    },
    expectSnapshot() {
      waiting ??= []
    },
    load(at, snapshot) {
      items.clear()
      for (const item of snapshot) items.set(item.sku, item)
      const rest = (waiting ?? []).filter(({ seq }) => seq > at.seq)
      waiting = undefined
      position = at
      const applied: number[] = []
      for (const { seq, item } of rest) {
        if (seq <= position.seq) continue
        apply(at.epoch, seq, item)
        applied.push(seq)
      }
      return applied
    },
    forget() {
      waiting = undefined
    },
    isWaiting: () => waiting !== undefined,
    stateHash: () => stateHash([...items.values()]),
  }
}

/** One hash for a set of items, whatever their order and that of their members. */
export const stateHash = (items: readonly ItemState[]): string => {
  const text = items
    .map((item) => canonical(item))
    .sort()
    .join('\n')
  return createHash('sha256').update(text).digest('hex').slice(0, 16)
}

/** JSON with sorted members. */
export const canonical = (value: unknown): string => {
  return JSON.stringify(value, (_name, member: unknown) =>
    typeof member === 'object' && member !== null && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)))
      : member,
  )
}

/** Short hash of the text of a payload: what two clients and the database compare. */
export const textHash = (text: string): string =>
  createHash('sha256').update(text).digest('base64url').slice(0, 16)
