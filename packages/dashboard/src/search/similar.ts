import uFuzzy from '@leeoniya/ufuzzy'
import type { Item } from '@uzima/contracts'

/** Finds the items whose words are spelled almost as those of `search`: one slip in each word of five letters or more. */
export type FindSimilar = (items: readonly Item[], search: string) => readonly Item[]

export const createFindSimilar = (): FindSimilar => {
  // eslint-disable-next-line @typescript-eslint/no-unsafe-enum-assignment -- the enum is in its types only: SingleError
  const fuzzy = new uFuzzy({ intraMode: 1 })
  // What is searched, worked out once for each version of an item.
  const texts = new WeakMap<Item, string>()

  const textOf = (item: Item): string => {
    const known = texts.get(item)
    if (known !== undefined) return known
    const { name, sku, category, lots } = item
    const text = fold([name, sku, category ?? '', ...lots.map((lot) => lot.lotNumber)].join(' '))
    texts.set(item, text)
    return text
  }

  return (items, search) => {
    const needle = fold(search)
    const [found, info, order] = fuzzy.search(items.map(textOf), needle, MAX_WORDS_IN_ANY_ORDER)
    if (found === null) return []
    const ranked = order === null ? found : order.map((at) => info.idx[at])
    return ranked.flatMap((index) => (index === undefined ? [] : (items[index] ?? [])))
  }
}

/** Beyond, each further word multiplies the work. */
const MAX_WORDS_IN_ANY_ORDER = 3

const fold = (text: string): string =>
  text
    .normalize('NFD')
    .replaceAll(/\p{Mn}/gu, '')
    .toLowerCase()
