import { useSyncExternalStore } from 'react'

/**
 * Where the page is: `#/stock/AMOX?low=1`. Behind the `#`, because that part never goes to a server: a link works below any
 * prefix and without a network, and what somebody searched for stands in no log.
 */
export interface Address {
  /** Begins with `/`; parts are encoded. */
  readonly path: string
  readonly query: URLSearchParams
}

export type Query = Readonly<Record<string, string | undefined>>

/** Makes the `href` of a link. Parts of the path are encoded here; a query value undefined or empty is left out. */
export const hrefOf = (parts: readonly string[], query: Query = {}): string => {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== '') search.set(name, value)
  }
  const text = search.toString()
  return `#/${parts.map(encodeURIComponent).join('/')}${text === '' ? '' : `?${text}`}`
}

/** Opens an `href` of `hrefOf`. `replace`: the way back does not lead here, as for each letter of a search. */
export const go = (
  href: string,
  { replace = false }: { readonly replace?: boolean } = {},
): void => {
  if (!replace) {
    location.hash = href
    return
  }
  history.replaceState(null, '', href)
  dispatchEvent(new HashChangeEvent('hashchange'))
}

/** Gives the address, and draws again when it changes. */
export const useAddress = (): Address => addressOf(useSyncExternalStore(subscribe, readHash))

export const addressOf = (hash: string): Address => {
  const [path = '', ...search] = hash.replace(/^#/, '').split('?')
  return {
    path: path.startsWith('/') ? path : `/${path}`,
    query: new URLSearchParams(search.join('?')),
  }
}

/** Gives the parts of `path` that `pattern` names (`/stock/:sku`); undefined where it is another path. */
export const match = (
  pattern: string,
  path: string,
): Readonly<Record<string, string>> | undefined => {
  const names = pattern.split('/')
  const parts = path.split('/')
  if (names.length !== parts.length) return undefined
  const found: Record<string, string> = {}
  for (const [index, name] of names.entries()) {
    const part = parts[index] ?? ''
    if (name.startsWith(':')) {
      const value = decoded(part)
      if (value === undefined || value === '') return undefined
      found[name.slice(1)] = value
    } else if (name !== part) return undefined
  }
  return found
}

const decoded = (part: string): string | undefined => {
  try {
    return decodeURIComponent(part)
  } catch {
    // A link that somebody cut off in the middle of a letter leads nowhere.
    return undefined
  }
}

const readHash = (): string => location.hash

const subscribe = (listener: () => void): (() => void) => {
  addEventListener('hashchange', listener)
  return () => {
    removeEventListener('hashchange', listener)
  }
}
