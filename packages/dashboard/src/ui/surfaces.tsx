import type { ReactElement, ReactNode } from 'react'

interface CardProps {
  /** Heading of the card. */
  readonly title?: string
  readonly children: ReactNode
}

/** A frame around what belongs together. */
export const Card = ({ title, children }: CardProps): ReactElement => (
  <section className="card" aria-label={title}>
    {title !== undefined && <h2>{title}</h2>}
    {children}
  </section>
)

interface EmptyStateProps {
  readonly title: string
  /** What the person can do about it. */
  readonly detail?: string
  readonly sign?: string
  /** A button or a link. */
  readonly children?: ReactNode
}

/** Says why there is nothing to see, instead of nothing. */
export const EmptyState = ({
  title,
  detail,
  sign = '○',
  children,
}: EmptyStateProps): ReactElement => (
  <div className="empty">
    <span className="empty-sign" aria-hidden>
      {sign}
    </span>
    <h2>{title}</h2>
    {detail !== undefined && <p>{detail}</p>}
    {children}
  </div>
)

/** Something is on its way; says what. */
export const Spinner = ({ label }: { readonly label: string }): ReactElement => (
  <p className="spinner muted" role="status">
    {label}
  </p>
)

interface ViewTitleProps {
  /** 2 for what stands beside a view that has its heading already. Default 1. */
  readonly level?: 1 | 2
  readonly children: ReactNode
}

/** The heading of a view; takes the focus when the view is opened. */
export const ViewTitle = ({ level = 1, children }: ViewTitleProps): ReactElement =>
  level === 1 ? <h1 tabIndex={-1}>{children}</h1> : <h2 tabIndex={-1}>{children}</h2>
