import { useStock } from '@uzima/client/react'
import { useMemo, type ReactElement } from 'react'
import { commonWords } from '../i18n/common-words.js'
import { useFormat, useWords } from '../i18n/use-words.js'
import { SelectField } from '../ui/field.js'
import { SORTS, type ListState, type Sort } from './stock-query.js'
import { stockWords } from './stock-words.js'

interface SortFieldsProps {
  readonly state: ListState
  readonly onChange: (changes: Partial<ListState>) => void
}

/** Category and order of the list. */
export const SortFields = ({ state, onChange }: SortFieldsProps): ReactElement => {
  const words = useWords(stockWords)
  const { category } = useWords(commonWords)
  return (
    <>
      <SelectField
        label={category}
        value={state.category}
        onValue={(value) => {
          onChange({ category: value })
        }}
        options={[
          { value: '', label: words.allCategories },
          ...useCategories(state.category).map((value) => ({ value, label: value })),
        ]}
      />
      <SelectField
        label={words.sort}
        value={state.sort}
        onValue={(value) => {
          onChange({ sort: value as Sort })
        }}
        options={SORTS.map((value) => ({ value, label: words.sorts[value] }))}
      />
    </>
  )
}

/** All categories there are, and the one that the address names. */
const useCategories = (chosen: string): readonly string[] => {
  const items = useStock()
  const { compare } = useFormat()
  return useMemo(() => {
    const found = new Set(items.flatMap((item) => item.category ?? []))
    if (chosen !== '') found.add(chosen)
    return [...found].sort(compare)
  }, [items, chosen, compare])
}
