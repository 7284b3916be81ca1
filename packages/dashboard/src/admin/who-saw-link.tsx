import type { ReactElement } from 'react'
import { useWords } from '../i18n/use-words.js'
import { useMay } from '../session/use-session.js'
import { hrefOf } from '../shell/address.js'
import { ButtonLink } from '../ui/button.js'
import { adminWords } from './admin-words.js'

interface WhoSawLinkProps {
  /** Number of the change in the log. */
  readonly seq: number
  /** What has changed, for who only listens. */
  readonly what: string
}

/** Leads to the question of who was sent a change; nothing for those who may not ask it. */
export const WhoSawLink = ({ seq, what }: WhoSawLinkProps): ReactElement | null => {
  const { explain } = useWords(adminWords)
  const mayAsk = useMay('connections:manage')
  if (!mayAsk) return null
  return (
    <ButtonLink
      kind="quiet"
      href={hrefOf(['admin', 'explain'], { seq: seq.toString() })}
      aria-label={`${explain}: ${what}`}
    >
      {explain}
    </ButtonLink>
  )
}
