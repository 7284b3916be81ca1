import type { ReactElement, ReactNode } from 'react'

export type BannerKind = 'info' | 'done' | 'warn' | 'error'

const SIGNS: Readonly<Record<BannerKind, string>> = { info: 'i', done: '✓', warn: '!', error: '✕' }

interface BannerProps {
  readonly kind: BannerKind
  readonly title?: string
  /**
   * `alert` interrupts who listens, `status` waits for a pause; leave it out for what stands there from the beginning.
   */
  readonly role?: 'alert' | 'status'
  readonly children?: ReactNode
}

/** A message that stays where it concerns something. */
export const Banner = ({ kind, title, role, children }: BannerProps): ReactElement => (
  <div className={`banner banner-${kind}`} role={role}>
    <span className="banner-sign" aria-hidden>
      {SIGNS[kind]}
    </span>
    <div className="banner-body">
      {title !== undefined && <p className="banner-title">{title}</p>}
      {children}
    </div>
  </div>
)
