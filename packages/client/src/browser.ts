/** What the browser tells of itself: nothing outside of one, and not everything to a page of plain http. */
export const browser: Partial<Navigator> =
  (globalThis as { readonly navigator?: Partial<Navigator> }).navigator ?? {}
