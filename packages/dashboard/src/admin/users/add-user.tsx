import { useUzima } from '@uzima/client/react'
import type { Role } from '@uzima/contracts'
import { useState, type ReactElement } from 'react'
import { commonWords } from '../../i18n/common-words.js'
import { useWords } from '../../i18n/use-words.js'
import { go } from '../../shell/address.js'
import { useAnnouncer } from '../../ui/announcer.js'
import { Button } from '../../ui/button.js'
import { Dialog } from '../../ui/dialog.js'
import { TextField } from '../../ui/field.js'
import { ActionError } from '../action-error.js'
import { useAction } from '../use-action.js'
import { PasswordField } from './password-field.js'
import { RoleField } from './role-field.js'
import { userHref } from './user-href.js'
import { usersWords } from './users-words.js'

interface AddUserProps {
  readonly onClose: () => void
  readonly onAdded: () => void
}

/** Makes an account, and opens it. */
export const AddUser = ({ onClose, onAdded }: AddUserProps): ReactElement => {
  const words = useWords(usersWords)
  const common = useWords(commonWords)
  const { rest } = useUzima()
  const { toast } = useAnnouncer()
  const action = useAction()
  const [username, setUsername] = useState('')
  const [email, setEmail] = useState('')
  const [role, setRole] = useState<Role>('pharmacist')
  const [password, setPassword] = useState('')
  const add = async (): Promise<void> => {
    const user = await rest.users.create({
      username,
      email,
      role,
      ...(password === '' ? {} : { password }),
    })
    toast(words.added(user.username))
    onAdded()
    onClose()
    go(userHref(user.id))
  }
  return (
    <Dialog title={words.add} onClose={onClose}>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault()
          action.run(add)
        }}
      >
        <TextField
          label={common.userName}
          required
          maxLength={100}
          autoCapitalize="none"
          spellCheck={false}
          value={username}
          onValue={setUsername}
        />
        <TextField
          type="email"
          label={common.email}
          required
          maxLength={254}
          value={email}
          onValue={setEmail}
        />
        <RoleField label={common.role} value={role} onValue={setRole} />
        <PasswordField
          label={common.password}
          hint={words.passwordHint}
          value={password}
          onValue={setPassword}
        />
        <ActionError error={action.error} />
        <div className="row">
          <Button type="submit" kind="primary" busy={action.busy}>
            {words.add}
          </Button>
          <Button onClick={onClose}>{common.cancel}</Button>
        </div>
      </form>
    </Dialog>
  )
}
