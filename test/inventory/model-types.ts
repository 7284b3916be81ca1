import type { ErrorCode, LotConsumed } from '@uzima/contracts'

export interface LotModel {
  readonly quantity: number
  readonly expiryDate: string
  /** Whether it is written that the lot has expired. Time is written some time after its last day is over. */
  readonly expired: boolean
}

export interface ItemModel {
  readonly threshold: number
  readonly archived: boolean
  /** Whether the item counts as low and was announced; a new item does. */
  readonly announced: boolean
  readonly lots: ReadonlyMap<string, LotModel>
}

/** All stock: items by sku. */
export type Stock = ReadonlyMap<string, ItemModel>

/** The stock, and the date. */
export interface World {
  readonly today: string
  readonly stock: Stock
}

/** One statement of plain SQL. */
export type Statement =
  | { readonly kind: 'shift'; readonly skus: readonly string[]; readonly delta: number }
  | { readonly kind: 'put'; readonly skus: readonly string[]; readonly lots: readonly Lot[] }
  | { readonly kind: 'remove'; readonly skus: readonly string[]; readonly lotNumber: string }
  | { readonly kind: 'threshold'; readonly skus: readonly string[]; readonly threshold: number }
  | { readonly kind: 'archive'; readonly skus: readonly string[]; readonly archived: boolean }

export interface Lot extends Omit<LotModel, 'expired'> {
  readonly lotNumber: string
}

/** A request with an Idempotency-Key, which may arrive once more. */
interface Repeatable {
  readonly sku: string
  readonly again: boolean
}

/** What a client of the service, or a program with plain SQL, may try. */
export type Action =
  | (Repeatable & { readonly kind: 'create'; readonly threshold: number })
  | (Repeatable & { readonly kind: 'receive'; readonly lot: Lot })
  | (Repeatable & { readonly kind: 'consume'; readonly quantity: number })
  | (Repeatable & {
      readonly kind: 'adjust' | 'dispose'
      readonly lotNumber: string
      readonly quantity: number
      /** Of a count. */
      readonly expected?: number | undefined
    })
  | { readonly kind: 'update'; readonly sku: string; readonly threshold: number }
  | { readonly kind: 'retire'; readonly sku: string }
  | {
      readonly kind: 'sql'
      readonly statements: readonly { readonly statement: Statement; readonly undone: boolean }[]
      readonly rollback: boolean
    }
  /** Days go by, and somebody may write what is due. */
  | { readonly kind: 'sleep'; readonly days: number; readonly written: boolean }
  /** Somebody's connection is cut, in the middle of whatever it does. */
  | { readonly kind: 'kill' }

export interface Outcome {
  readonly world: World
  /** `ok`, the service's refusal, or that a transaction of plain SQL left nothing. */
  readonly result: 'ok' | 'nothing' | ErrorCode
  readonly lotsConsumed?: readonly LotConsumed[]
  /** Skus that fell to or below their threshold, sorted. */
  readonly alerts: readonly string[]
}
