import { RealtimeError } from '@uzima/client'
import type { Speech } from './language.js'
import type { RefusalNumbers, RefusalSentences } from './refusal-sentences.js'
import { refusalWords } from './refusal-words.js'

/** What a refusal says, wherever it was kept: an error thrown, or the `refusal` of a queued write. */
export interface RefusalFacts {
  readonly code: string
  readonly params?: Readonly<Record<string, unknown>> | undefined
  readonly retryAfterMs?: number | undefined
}

/** Says in a sentence of the person's language why something was refused. Never shows a code. */
export const describeRefusal = (speech: Speech, refusal: RefusalFacts): string => {
  const sentences = speech.words(refusalWords)
  const params = refusal.params ?? {}
  const numbers: RefusalNumbers = {
    requested: numberIn(params['requested']),
    available: numberIn(params['available']),
    expected: numberIn(params['expected']),
    actual: numberIn(params['actual']),
    retryAfterMs: refusal.retryAfterMs,
    fields: fieldsIn(params['errors'], sentences.fieldName),
  }
  return sentenceOf(sentences, refusal.code)(numbers)
}

/** Says in a sentence what went wrong; `write`: something was to be recorded, and an answer may have been lost. */
export const describeError = (
  speech: Speech,
  error: unknown,
  { write = false }: { readonly write?: boolean } = {},
): string => {
  const sentences = speech.words(refusalWords)
  if (!(error instanceof RealtimeError)) return sentences.unknown()
  if (write && error.status === undefined && error.retryable) return sentences.unsure()
  const { code, details: params, retryAfterMs } = error
  return describeRefusal(speech, { code, params, retryAfterMs })
}

const NOT_CODES: ReadonlySet<string> = new Set(['unknown', 'unsure', 'fieldName'])

const sentenceOf = (
  sentences: RefusalSentences,
  code: string,
): ((numbers: RefusalNumbers) => string) =>
  Object.hasOwn(sentences, code) && !NOT_CODES.has(code)
    ? // Own keys beside those three are codes.
      sentences[code as keyof Omit<RefusalSentences, 'unknown' | 'unsure' | 'fieldName'>]
    : sentences.unknown

const numberIn = (value: unknown): number | undefined =>
  typeof value === 'number' ? value : undefined

const fieldsIn = (
  errors: unknown,
  nameOf: (field: string) => string | undefined,
): readonly string[] =>
  Array.isArray(errors)
    ? [
        ...new Set(
          errors.flatMap((entry: unknown) => {
            const path =
              typeof entry === 'object' && entry !== null && 'path' in entry
                ? entry.path
                : undefined
            return (typeof path === 'string' ? nameOf(path) : undefined) ?? []
          }),
        ),
      ]
    : []
