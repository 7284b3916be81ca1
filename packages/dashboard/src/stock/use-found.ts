import type { Item } from '@uzima/contracts'
import { useStock } from '@uzima/client/react'
import { useMemo } from 'react'
import { createFindSimilar } from '../search/similar.js'
import { filterOf, type ListState } from './stock-query.js'

export interface Found {
  readonly items: readonly Item[]
  /** Nothing is spelled like the search; what is shown is spelled almost like it. */
  readonly similar: boolean
}

/** Gives the items of the list's state, live. */
export const useFound = (state: ListState): Found => {
  const search = state.search.trim()
  const filter = filterOf(state)
  const exact = useStock(search === '' ? filter : { ...filter, search })
  const all = useStock(filter)
  const findSimilar = useMemo(createFindSimilar, [])
  const missed = search !== '' && exact.length === 0
  const similar = useMemo(
    () => (missed ? findSimilar(all, search) : NONE),
    [missed, all, search, findSimilar],
  )
  return missed ? { items: similar, similar: similar.length > 0 } : { items: exact, similar: false }
}

const NONE: readonly Item[] = []
