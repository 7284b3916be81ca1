import { useState, type ReactElement, type ReactNode } from 'react'
import { describeError } from '../i18n/describe-refusal.js'
import { useSpeech } from '../i18n/use-words.js'
import { Banner } from '../ui/banner.js'

export interface Attempt {
  readonly busy: boolean
  /** Why the last try did not work, in words; nothing where it did. */
  readonly failure: ReactNode
  /** Does the work unless the last one is still under way; what it throws is shown. */
  readonly attempt: (work: () => Promise<void>) => void
}

/** For work that may fail on this device, as where it has no room to keep a movement: nothing typed is lost by that. */
export const useAttempt = (): Attempt => {
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<unknown>(null)
  const run = async (work: () => Promise<void>): Promise<void> => {
    setBusy(true)
    setError(null)
    try {
      await work()
    } catch (thrown) {
      setError(thrown)
    } finally {
      setBusy(false)
    }
  }
  return {
    busy,
    failure: error === null ? null : <Failure error={error} />,
    attempt: (work) => {
      if (!busy) void run(work)
    },
  }
}

const Failure = ({ error }: { readonly error: unknown }): ReactElement => {
  const speech = useSpeech()
  return (
    <Banner kind="error" role="alert">
      {describeError(speech, error)}
    </Banner>
  )
}
