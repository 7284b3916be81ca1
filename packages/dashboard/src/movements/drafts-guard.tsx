import { useState, type ReactElement, type ReactNode } from 'react'
import { createDraftStore } from './draft-store.js'
import { DraftsContext } from './use-draft.js'

/** Gives every view what was typed and not booked yet. */
export const DraftsGuard = ({ children }: { readonly children: ReactNode }): ReactElement => {
  const [drafts] = useState(() => createDraftStore(globalThis.indexedDB))
  return <DraftsContext value={drafts}>{children}</DraftsContext>
}
