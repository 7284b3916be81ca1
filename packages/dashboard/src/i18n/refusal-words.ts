import { catalogue } from './language.js'
import { refusalEn } from './refusal-en.js'
import { refusalFr } from './refusal-fr.js'
import type { RefusalSentences } from './refusal-sentences.js'
import { refusalSw } from './refusal-sw.js'

export const refusalWords = catalogue<RefusalSentences>(refusalEn, {
  sw: refusalSw,
  fr: refusalFr,
})
