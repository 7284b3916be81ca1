import type { KeyboardEvent } from 'react'

/**
 * Enter goes to the next field, and from the last one to the button; Ctrl with Enter (Cmd on a Mac) sends the form. For
 * `onKeyDown` of a form: it must not be sent half filled in by the key that ends a number.
 */
export const nextFieldOnEnter = (event: KeyboardEvent<HTMLFormElement>): void => {
  if (event.key !== 'Enter' || event.nativeEvent.isComposing) return
  const { target, currentTarget } = event
  if (event.ctrlKey || event.metaKey) {
    event.preventDefault()
    currentTarget.requestSubmit()
    return
  }
  if (!(target instanceof HTMLInputElement || target instanceof HTMLSelectElement)) return
  event.preventDefault()
  const stops = [
    ...currentTarget.querySelectorAll<HTMLElement>(
      'input:not([type=hidden]), select, textarea, button[type=submit]',
    ),
  ]
  stops[stops.indexOf(target) + 1]?.focus()
}

/** Puts the focus on the first field that is wrong, once its sentence is drawn. */
export const focusFirstProblem = (form: HTMLFormElement | null): void => {
  requestAnimationFrame(() => {
    form?.querySelector<HTMLElement>('[aria-invalid=true]')?.focus()
  })
}
