import type { ReactElement } from 'react'
import { commonWords } from '../i18n/common-words.js'
import { describeError } from '../i18n/describe-refusal.js'
import { useSpeech } from '../i18n/use-words.js'
import { Banner } from '../ui/banner.js'
import { Spinner } from '../ui/surfaces.js'
import type { Polled } from './use-polled.js'

interface PolledNoticeProps {
  readonly polled: Polled<unknown>
  /** Title where nothing could be read at all. */
  readonly failed: string
  /** Says how old it is where nothing newer could be read. */
  readonly stale: (time: string) => string
}

/** Says where what is shown is not there yet, or not how it is; nothing where all is well. */
export const PolledNotice = ({ polled, failed, stale }: PolledNoticeProps): ReactElement | null => {
  const speech = useSpeech()
  const { value, at, error } = polled
  if (error === undefined) {
    return value === undefined ? <Spinner label={speech.words(commonWords).loading} /> : null
  }
  return (
    <Banner
      kind={at === undefined ? 'error' : 'warn'}
      title={at === undefined ? failed : stale(speech.format.time(at))}
      role="status"
    >
      <p>{describeError(speech, error)}</p>
    </Banner>
  )
}
