import { useConnection } from '@uzima/client/react'
import { useEffect, useState, type ReactElement, type ReactNode } from 'react'
import { useFormat, useWords } from '../i18n/use-words.js'
import { NoticeLine } from '../offline/notice-line.js'
import { useSession } from '../session/use-session.js'
import { useNow } from '../shell/use-now.js'
import { Button } from '../ui/button.js'
import { Dialog } from '../ui/dialog.js'
import { PasswordForm } from './password-form.js'
import { tabletWords } from './tablet-words.js'

/** This long before its end a session is renewed, and where that fails, its end is told. */
const NOTICE_MS = 120_000

/** Renews the session in time, and says so where it could not: with the password one stays, without losing what was typed. */
export const SessionNotice = (): ReactNode => {
  const words = useWords(tabletWords)
  const format = useFormat()
  const { sessionExpiresAt } = useConnection()
  const session = useSession()
  const [failedFor, setFailedFor] = useState<string | null>(null)
  const [asking, setAsking] = useState(false)
  const now = useNow(1000)
  const leftMs = sessionExpiresAt === null ? Infinity : Date.parse(sessionExpiresAt) - now
  const isNear = leftMs <= NOTICE_MS

  useEffect(() => {
    if (!isNear) return
    session.renew().then(
      () => {
        setFailedFor(null)
      },
      () => {
        setFailedFor(sessionExpiresAt)
      },
    )
  }, [isNear, session, sessionExpiresAt])

  if (!isNear || failedFor !== sessionExpiresAt || leftMs <= 0) return null
  return (
    <>
      <NoticeLine kind="warn" text={words.endsIn(format.duration(leftMs))}>
        <Button
          onClick={() => {
            setAsking(true)
          }}
        >
          {words.stay}
        </Button>
      </NoticeLine>
      {asking && (
        <StayDialog
          onClose={(isRenewed) => {
            setAsking(false)
            if (isRenewed) setFailedFor(null)
          }}
        />
      )}
    </>
  )
}

const StayDialog = ({
  onClose,
}: {
  readonly onClose: (isRenewed: boolean) => void
}): ReactElement => {
  const words = useWords(tabletWords)
  const session = useSession()
  return (
    <Dialog
      title={words.stayTitle}
      onClose={() => {
        onClose(false)
      }}
    >
      <div className="stack">
        <p className="muted">{words.stayDetail}</p>
        <PasswordForm
          action={words.stay}
          busyAction={words.staying}
          onPassword={async (username, password) => {
            await session.login(username, password)
            onClose(true)
          }}
        />
      </div>
    </Dialog>
  )
}
