import type { ComponentProps, ReactElement } from 'react'

export type ButtonKind = 'primary' | 'plain' | 'danger' | 'quiet'

interface ButtonProps extends ComponentProps<'button'> {
  /** `primary` is the one thing that a view is for; at most one on a screen. Default `plain`. */
  readonly kind?: ButtonKind
  /** Something is under way: a press does nothing, and the button keeps the focus. */
  readonly busy?: boolean
  readonly wide?: boolean
}

/** A button of at least 44 px. `type` is `button` unless said otherwise. */
export const Button = ({
  kind = 'plain',
  busy = false,
  wide = false,
  className = '',
  onClick,
  ...rest
}: ButtonProps): ReactElement => (
  <button
    type="button"
    {...rest}
    className={classes('button', `button-${kind}`, wide && 'button-wide', className)}
    aria-busy={busy}
    aria-disabled={busy || undefined}
    onClick={(event) => {
      // A disabled button would lose the focus, and with it who listens.
      if (busy) event.preventDefault()
      else onClick?.(event)
    }}
  />
)

interface ButtonLinkProps extends ComponentProps<'a'> {
  readonly kind?: ButtonKind
  readonly wide?: boolean
}

/** A link that looks like a button: it leads somewhere, it does nothing. */
export const ButtonLink = ({
  kind = 'plain',
  wide = false,
  className = '',
  ...rest
}: ButtonLinkProps): ReactElement => (
  <a {...rest} className={classes('button', `button-${kind}`, wide && 'button-wide', className)} />
)

/** Joins the names of classes that apply. */
export const classes = (...names: readonly (string | false | undefined)[]): string =>
  names.filter(Boolean).join(' ')
