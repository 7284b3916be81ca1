import { RealtimeError } from '@uzima/client'
import { useAlerts } from '@uzima/client/react'
import { useEffect, type ReactElement } from 'react'
import { describeError } from '../i18n/describe-refusal.js'
import type { Speech } from '../i18n/language.js'
import { useWords } from '../i18n/use-words.js'
import { useSession, useUser } from '../session/use-session.js'
import { Button } from '../ui/button.js'
import { Mark } from '../ui/mark.js'
import type { IdleLock } from './idle-lock.js'
import { PasswordForm } from './password-form.js'
import { tabletWords } from './tablet-words.js'

/** All that is in the document while the page is locked. */
export const LockScreen = ({ lock }: { readonly lock: IdleLock }): ReactElement => {
  const words = useWords(tabletWords)
  const session = useSession()
  const { username } = useUser()
  const alerts = useAlerts(OPEN).length
  useKeysForItself()

  return (
    <main className="lock">
      <div className="lock-box">
        <img src="./favicon.svg" alt="" width="48" height="48" />
        <h1 tabIndex={-1}>{words.locked}</h1>
        <p className="muted">{words.lockedFor(username)}</p>
        {alerts > 0 && <Mark kind="low">{words.openAlerts(alerts)}</Mark>}
        <PasswordForm
          action={words.unlock}
          busyAction={words.unlocking}
          describe={describeUnlock}
          onPassword={async (_, password) => {
            await session.confirm(password)
            lock.unlock()
          }}
        />
        <div className="lock-other">
          <Button wide onClick={session.logout}>
            {words.other}
          </Button>
          <p className="small muted">{words.otherHint}</p>
        </div>
      </div>
    </main>
  )
}

const OPEN = { state: 'open' } as const

const describeUnlock = (speech: Speech, thrown: unknown): string => {
  const words = speech.words(tabletWords)
  if (!(thrown instanceof RealtimeError)) return describeError(speech, thrown)
  if (thrown.status === undefined) return words.needsNetwork
  return thrown.status === 401 ? words.wrong : describeError(speech, thrown)
}

/** What is typed here is nobody else's: a scanner's or a search's listener would take keys of the password. */
const useKeysForItself = (): void => {
  useEffect(() => {
    const keep = (event: KeyboardEvent): void => {
      event.stopImmediatePropagation()
    }
    const kinds = ['keydown', 'keyup', 'keypress'] as const
    for (const kind of kinds) window.addEventListener(kind, keep, { capture: true })
    return () => {
      for (const kind of kinds) window.removeEventListener(kind, keep, { capture: true })
    }
  }, [])
}
