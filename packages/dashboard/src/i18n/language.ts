import { createListeners } from '../listeners.js'
import { createFormat, LANGUAGES, type Format, type Language } from './format.js'

export { LANGUAGES, type Language }

/** The same words in each language; made by `catalogue`. */
export type Catalogue<M> = Readonly<Record<Language, (format: Format) => M>>

/**
 * Makes the words of one view. English says which there are; the compiler asks for each of them in the other languages.
 * A word that stands alone is a text, one that depends on something a function:
 *
 * ```ts
 * export const shelfWords = catalogue(
 *   (f) => ({ title: 'Shelf', items: (n: number) => f.plural(n, { one: '# item', other: '# items' }) }),
 *   {
 *     sw: (f) => ({ title: 'Rafu', items: (n) => f.plural(n, { other: 'Bidhaa #' }) }),
 *     fr: (f) => ({ title: 'Étagère', items: (n) => f.plural(n, { one: '# article', other: '# articles' }) }),
 *   },
 * )
 * ```
 */
export const catalogue = <M extends object>(
  en: (format: Format) => M,
  others: Readonly<Record<Exclude<Language, 'en'>, (format: Format) => NoInfer<M>>>,
): Catalogue<M> => ({ en, ...others })

/** One language: its words, its numbers, its dates. A value that is never changed, only replaced. */
export interface Speech {
  readonly language: Language
  readonly format: Format
  readonly words: <M extends object>(catalogue: Catalogue<M>) => M
}

/** The language in which the page speaks now. */
export interface Languages {
  readonly speech: () => Speech
  readonly choose: (language: Language) => void
  readonly subscribe: (listener: () => void) => () => void
}

export interface LanguagesOptions {
  /** Where the choice outlives the page. */
  readonly storage: Pick<Storage, 'getItem' | 'setItem'>
  /** What the browser asks for, best first; the first that we speak holds until somebody chooses. */
  readonly preferred: readonly string[]
  /** Called at first and with each choice; for the `lang` of the document. */
  readonly onLanguage?: (language: Language) => void
}

const KEY = 'uzima.language'

export const createLanguages = ({
  storage,
  preferred,
  onLanguage,
}: LanguagesOptions): Languages => {
  const listeners = createListeners()
  const speeches = new Map<Language, Speech>()

  const speak = (language: Language): Speech => {
    const speech = speeches.get(language) ?? createSpeech(language)
    speeches.set(language, speech)
    onLanguage?.(language)
    return speech
  }
  let current = speak(
    [storage.getItem(KEY) ?? '', ...preferred]
      .map((tag) => tag.slice(0, 2).toLowerCase())
      .find(isLanguage) ?? 'en',
  )

  return {
    speech: () => current,
    choose: (language) => {
      storage.setItem(KEY, language)
      current = speak(language)
      listeners.call()
    },
    subscribe: listeners.subscribe,
  }
}

/** One language, for what is outside of the page's own choice. */
export const createSpeech = (language: Language): Speech => {
  const format = createFormat(language)
  const made = new Map<object, object>()
  return {
    language,
    format,
    words: <M extends object>(words: Catalogue<M>): M => {
      const known = made.get(words) ?? words[language](format)
      made.set(words, known)
      // The map holds under each catalogue what that catalogue has made.
      return known as M
    },
  }
}

const isLanguage = (text: string): text is Language =>
  (LANGUAGES as readonly string[]).includes(text)
