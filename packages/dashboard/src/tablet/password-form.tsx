import { useEffect, useRef, useState, type ReactElement } from 'react'
import { commonWords } from '../i18n/common-words.js'
import { describeError } from '../i18n/describe-refusal.js'
import type { Speech } from '../i18n/language.js'
import { useSpeech, useWords } from '../i18n/use-words.js'
import { useUser } from '../session/use-session.js'
import { Button } from '../ui/button.js'
import { TextField } from '../ui/field.js'

interface PasswordFormProps {
  /** What the button says, and what it says while the password is looked at. */
  readonly action: string
  readonly busyAction: string
  /** Tries the password; rejects where it does not fit. What shows the form takes it away afterwards. */
  readonly onPassword: (username: string, password: string) => Promise<void>
  /** Why it did not fit, in words. Default: as any refusal is told. */
  readonly describe?: (speech: Speech, thrown: unknown) => string
}

/** Asks the person who is signed in for the password once more; the cursor is in the field. */
export const PasswordForm = ({
  action,
  busyAction,
  onPassword,
  describe = describeError,
}: PasswordFormProps): ReactElement => {
  const words = useWords(commonWords)
  const speech = useSpeech()
  const { username } = useUser()
  const [password, setPassword] = useState('')
  const [busy, setBusy] = useState(false)
  const [failure, setFailure] = useState<string>()
  const form = useRef<HTMLFormElement>(null)
  useEffect(() => {
    form.current?.querySelector<HTMLInputElement>('[type=password]')?.focus()
  }, [])

  const submit = async (): Promise<void> => {
    setBusy(true)
    try {
      await onPassword(username, password)
    } catch (thrown) {
      setFailure(describe(speech, thrown))
      setPassword('')
      setBusy(false)
    }
  }

  return (
    <form
      ref={form}
      className="stack"
      onSubmit={(event) => {
        event.preventDefault()
        if (!busy) void submit()
      }}
    >
      {/* For who has a program remember passwords: whose it is. */}
      <input
        className="sr-only"
        autoComplete="username"
        aria-label={words.userName}
        value={username}
        readOnly
        tabIndex={-1}
      />
      <TextField
        label={words.password}
        type="password"
        autoComplete="current-password"
        required
        value={password}
        onValue={setPassword}
        error={failure}
      />
      <Button kind="primary" type="submit" wide busy={busy}>
        {busy ? busyAction : action}
      </Button>
    </form>
  )
}
