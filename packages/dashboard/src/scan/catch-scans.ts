import { createKeyReader, type Scan } from './keys.js'

type Field = HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement

/**
 * Hands over what a scanner types anywhere on the page, inside fields too: those get back what was in them before, and the
 * scanner's Enter presses nothing. Whatever else is typed stays as it is. Returns the end of it.
 */
export const catchScans = (document: Document, onScan: (scan: Scan) => void): (() => void) => {
  const reader = createKeyReader()
  const before = new Map<Field, string>()

  const press = (event: KeyboardEvent): void => {
    const verdict = reader.press(event)
    if (verdict.kind === 'begins' || verdict.kind === 'typing') before.clear()
    const field = document.activeElement
    if (isField(field) && !before.has(field)) before.set(field, field.value)
    if (verdict.kind !== 'scan') return
    event.preventDefault()
    event.stopPropagation()
    for (const [touched, value] of before) restore(touched, value)
    before.clear()
    onScan(verdict.scan)
  }

  // First of all listeners: none shall take the scanner's Enter for a person's.
  document.addEventListener('keydown', press, { capture: true })
  return () => {
    document.removeEventListener('keydown', press, { capture: true })
  }
}

const isField = (element: Element | null): element is Field =>
  element instanceof HTMLInputElement ||
  element instanceof HTMLTextAreaElement ||
  element instanceof HTMLSelectElement

/** Writes past the framework's own notion of the value, then tells it, as a person's change would. */
const restore = (field: Field, value: string): void => {
  if (field.value === value) return
  const prototype = Object.getPrototypeOf(field) as object
  Reflect.set(prototype, 'value', value, field)
  field.dispatchEvent(new Event('input', { bubbles: true }))
  field.dispatchEvent(new Event('change', { bubbles: true }))
}
