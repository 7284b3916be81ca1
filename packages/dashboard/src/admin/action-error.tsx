import type { ReactElement } from 'react'
import { describeError } from '../i18n/describe-refusal.js'
import { useSpeech } from '../i18n/use-words.js'
import { Banner } from '../ui/banner.js'

/** Why something was not done, in a sentence; nothing where it was. */
export const ActionError = ({ error }: { readonly error: unknown }): ReactElement | null => {
  const speech = useSpeech()
  if (error === undefined) return null
  return (
    <Banner kind="error" role="alert">
      <p>{describeError(speech, error)}</p>
    </Banner>
  )
}
