import { createContext, use, useSyncExternalStore } from 'react'
import type { Format } from './format.js'
import type { Catalogue, Languages, Speech } from './language.js'

export const LanguagesContext = createContext<Languages | null>(null)

/** Gives the page's choice of language; only below `LanguagesContext`. */
export const useLanguages = (): Languages => {
  const languages = use(LanguagesContext)
  if (languages === null) throw new TypeError('useLanguages needs a LanguagesContext above it')
  return languages
}

/** Gives the language spoken now, and draws again when another one is chosen. */
export const useSpeech = (): Speech => {
  const { subscribe, speech } = useLanguages()
  return useSyncExternalStore(subscribe, speech)
}

/** Gives the words of a catalogue in the language spoken now. */
export const useWords = <M extends object>(catalogue: Catalogue<M>): M =>
  useSpeech().words(catalogue)

/** Gives numbers and dates as the language spoken now writes them. */
export const useFormat = (): Format => useSpeech().format
