/** Puts the focus on the heading of the view, as after a move: who hears the page hears where it is. */
export const focusHeading = (): void => {
  document.querySelector<HTMLElement>('.view h1')?.focus()
}
