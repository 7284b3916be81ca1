/** Puts the focus on the heading of the view, as after a move: who hears the page hears where it is. */
export const focusHeading = (): void => {
  viewHeading()?.focus()
}

/** The heading in sight: a list that an item has taken the place of keeps its own, hidden. */
export const viewHeading = (): HTMLElement | undefined =>
  [...document.querySelectorAll<HTMLElement>('.view h1')].find((heading) =>
    heading.checkVisibility(),
  )
