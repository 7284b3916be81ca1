import './offline.css'
import type { ReactElement, ReactNode } from 'react'

export type NoticeKind = 'plain' | 'pending' | 'warn' | 'error'

/** Shape beside colour. */
const SIGNS: Readonly<Record<NoticeKind, string>> = {
  plain: '○',
  pending: '◌',
  warn: '!',
  error: '✕',
}

interface NoticeLineProps {
  readonly kind: NoticeKind
  readonly text: string
  /** What can be done about it: a button or a link. */
  readonly children?: ReactNode
}

/** One line below the connection bar, over every view. */
export const NoticeLine = ({ kind, text, children }: NoticeLineProps): ReactElement => (
  <div className={`notice notice-${kind}`} data-notice={kind}>
    <p role="status">
      <span className="notice-sign" aria-hidden>
        {SIGNS[kind]}
      </span>
      {text}
    </p>
    {children}
  </div>
)
