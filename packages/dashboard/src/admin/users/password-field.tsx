import { useState, type ReactElement } from 'react'
import { useWords } from '../../i18n/use-words.js'
import { Button } from '../../ui/button.js'
import { CheckField, TextField } from '../../ui/field.js'
import { suggestPassword } from './find-users.js'
import { usersWords } from './users-words.js'

interface PasswordFieldProps {
  readonly label: string
  readonly hint: string
  readonly required?: boolean
  readonly value: string
  readonly onValue: (password: string) => void
}

/** A password that one person makes for another: it can be seen, to be told. */
export const PasswordField = ({
  label,
  hint,
  required = false,
  value,
  onValue,
}: PasswordFieldProps): ReactElement => {
  const words = useWords(usersWords)
  const [shown, setShown] = useState(false)
  return (
    <div className="stack-tight">
      <TextField
        type={shown ? 'text' : 'password'}
        label={label}
        hint={hint}
        required={required}
        minLength={8}
        maxLength={256}
        autoComplete="new-password"
        spellCheck={false}
        value={value}
        onValue={onValue}
      />
      <div className="row">
        <CheckField label={words.showPassword} checked={shown} onValue={setShown} />
        <Button
          kind="quiet"
          onClick={() => {
            onValue(suggestPassword())
            setShown(true)
          }}
        >
          {words.suggest}
        </Button>
      </div>
    </div>
  )
}
