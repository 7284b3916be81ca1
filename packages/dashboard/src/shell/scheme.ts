import { useSyncExternalStore } from 'react'

export const SCHEMES = ['auto', 'light', 'dark'] as const
export type Scheme = (typeof SCHEMES)[number]

const KEY = 'uzima.scheme'

/** Puts the kept choice on the document; before anything is drawn, so that nothing flashes. */
export const applyScheme = (scheme: Scheme = readScheme()): void => {
  const { dataset } = document.documentElement
  if (scheme === 'auto') delete dataset['scheme']
  else dataset['scheme'] = scheme
}

export const chooseScheme = (scheme: Scheme): void => {
  localStorage.setItem(KEY, scheme)
  applyScheme(scheme)
  dispatchEvent(new Event(CHANGED))
}

/** Gives the choice of light or dark, and draws again with another one. */
export const useScheme = (): Scheme => useSyncExternalStore(subscribe, readScheme)

const CHANGED = 'uzima:scheme'

const readScheme = (): Scheme => {
  const kept = localStorage.getItem(KEY)
  return SCHEMES.find((scheme) => scheme === kept) ?? 'auto'
}

const subscribe = (listener: () => void): (() => void) => {
  addEventListener(CHANGED, listener)
  return () => {
    removeEventListener(CHANGED, listener)
  }
}
