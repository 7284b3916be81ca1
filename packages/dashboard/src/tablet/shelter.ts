/** Takes what is on the screen out of the document, and brings it back as it was: what was typed, open and in sight. */
export interface Shelter {
  /** Draw into it; it is in `slot` or nowhere. */
  readonly element: HTMLElement
  readonly show: (slot: HTMLElement) => void
  readonly hide: () => void
}

/** Makes a shelter that is hidden at first. */
export const createShelter = (): Shelter => {
  const element = document.createElement('div')
  element.className = 'shelter'
  let scrolled: readonly (readonly [Element, number])[] = []
  let focused: Element | null = null

  return {
    element,
    hide: () => {
      focused = element.contains(document.activeElement) ? document.activeElement : null
      // An element outside of the document forgets how far it was scrolled.
      scrolled = [...element.querySelectorAll('*')]
        .filter(({ scrollTop }) => scrollTop > 0)
        .map((each) => [each, each.scrollTop])
      element.remove()
    },
    show: (slot) => {
      slot.append(element)
      for (const dialog of element.querySelectorAll('dialog')) {
        // It is marked as open still, but lies above nothing any more.
        dialog.removeAttribute('open')
        dialog.showModal()
      }
      for (const [each, top] of scrolled) each.scrollTop = top
      if (focused instanceof HTMLElement) focused.focus()
      scrolled = []
      focused = null
    },
  }
}
