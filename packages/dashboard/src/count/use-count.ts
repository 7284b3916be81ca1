import { useStock } from '@uzima/client/react'
import { useMemo } from 'react'
import { useFormat } from '../i18n/use-words.js'
import { useDraft, type Draft } from '../movements/use-draft.js'
import { beginCount, isCountDraft, type CountDraft } from './count.js'
import { linesOf, type CountLine } from './shelf.js'

/** Under which name the count of a shelf is kept. */
export const COUNT_DRAFT = 'count:'

export interface ShelfCount {
  readonly draft: Draft<CountDraft>
  readonly lines: readonly CountLine[]
}

/** The count of a shelf by the person logged in, with the stock as it is now. */
export const useCount = (shelf: string): ShelfCount => {
  const items = useStock()
  const { compare } = useFormat()
  const draft = useDraft(`${COUNT_DRAFT}${shelf}`, beginCount(shelf), isCountDraft)
  const entries = draft.value?.entries
  const lines = useMemo(
    () => linesOf(items, shelf, new Set(Object.keys(entries ?? {})), compare),
    [items, shelf, entries, compare],
  )
  return { draft, lines }
}
