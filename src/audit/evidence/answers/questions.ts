import { accessEnded } from './access-ended.js'
import { breakGlass } from './break-glass.js'
import { connectedAt } from './connected.js'
import { couldSee } from './could-see.js'
import type { Answer } from './facts.js'
import { moved } from './moved.js'

/** What a question is about, beside its name. */
export interface Asked {
  /** A sku, a user, a lot. */
  readonly about?: string | undefined
  readonly at?: Date | undefined
  readonly sku?: string | undefined
}

export const QUESTIONS = ['could-see', 'access-ended', 'moved', 'break-glass', 'connected'] as const
export type Question = (typeof QUESTIONS)[number]

/** What gathers the answer; the name of what must be said besides where it is missing. */
export const answerTo = (question: Question, asked: Asked): Answer | string => {
  const { about, at, sku } = asked
  switch (question) {
    case 'could-see':
      if (about === undefined) return 'a sku'
      return at === undefined ? '--at' : couldSee(about, at)
    case 'access-ended':
      return about === undefined ? 'a user' : accessEnded(about)
    case 'moved':
      return about === undefined ? 'a lot' : moved(about, sku)
    case 'break-glass':
      return breakGlass()
    case 'connected':
      return at === undefined ? '--at' : connectedAt(at)
  }
}
