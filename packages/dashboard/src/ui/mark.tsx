import type { ReactElement, ReactNode } from 'react'

export type MarkKind = 'low' | 'out' | 'expired' | 'soon' | 'pending' | 'good' | 'plain'

/** Shape beside colour, so that neither has to be seen. */
const SHAPES: Readonly<Record<MarkKind, string>> = {
  low: '▼',
  out: '✕',
  expired: '◆',
  soon: '◇',
  pending: '◌',
  good: '●',
  plain: '',
}

interface MarkProps {
  readonly kind: MarkKind
  /** The word; never without one. */
  readonly children: ReactNode
}

/** A state as shape and word: `▼ Low`. */
export const Mark = ({ kind, children }: MarkProps): ReactElement => (
  <span className={`mark mark-${kind}`}>
    {SHAPES[kind] !== '' && <span aria-hidden>{SHAPES[kind]}</span>}
    {children}
  </span>
)
