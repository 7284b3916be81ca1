import type { MovementChanges, QueuedWrite } from '@uzima/client'

/** What a person may do about a refused movement. */
export type RefusalChoice =
  /** Ask for what is there. */
  | { readonly kind: 'take'; readonly quantity: number; readonly changes: MovementChanges }
  /** Say again what was counted, against what is there now. */
  | { readonly kind: 'keep'; readonly quantity: number; readonly changes: MovementChanges }
  /** Count the lot again. */
  | { readonly kind: 'recount' }
  | { readonly kind: 'change' }
  | { readonly kind: 'drop' }

/** The choices for a refusal, the likeliest first, by the numbers it brings. */
export const choicesFor = ({
  movement,
  refusal,
}: Pick<QueuedWrite, 'movement' | 'refusal'>): RefusalChoice[] => {
  const { available, actual } = refusal?.params ?? {}
  const rest: RefusalChoice[] = [{ kind: 'change' }, { kind: 'drop' }]
  if (movement.kind === 'count') {
    if (typeof actual !== 'number') return rest
    const keep = {
      kind: 'keep',
      quantity: movement.quantity,
      changes: { expected: actual },
    } as const
    return [{ kind: 'recount' }, keep, { kind: 'drop' }]
  }
  if (typeof available !== 'number' || available < 1) return rest
  return [{ kind: 'take', quantity: available, changes: { quantity: available } }, ...rest]
}
