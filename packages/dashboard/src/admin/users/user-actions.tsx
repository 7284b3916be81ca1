import { useUzima } from '@uzima/client/react'
import type { UpdateUser, User } from '@uzima/contracts'
import { useEffect, useRef, useState, type ReactElement } from 'react'
import { commonWords } from '../../i18n/common-words.js'
import { useWords } from '../../i18n/use-words.js'
import { useAnnouncer } from '../../ui/announcer.js'
import { Button } from '../../ui/button.js'
import { ActionError } from '../action-error.js'
import { ConfirmDialog } from '../confirm-dialog.js'
import { useAction } from '../use-action.js'
import { EraseUser } from './erase-user.js'
import { eraseWords } from './erase-words.js'
import { PasswordField } from './password-field.js'
import { RoleField } from './role-field.js'
import { usersWords } from './users-words.js'

interface UserActionsProps {
  readonly user: User
  /** Something has changed: read again. */
  readonly onDone: () => void
  /** A right has ended: its proof comes in now. */
  readonly onEnded: () => void
}

type Question = 'role' | 'password' | 'deactivate' | 'revoke' | 'erase'

/** What an administrator can do about an account; what ends sessions is asked first. */
export const UserActions = ({ user, onDone, onEnded }: UserActionsProps): ReactElement => {
  const words = useWords(usersWords)
  const { erase } = useWords(eraseWords)
  const { rest } = useUzima()
  const { say, toast } = useAnnouncer()
  const [asked, setAsked] = useState<Question | null>(null)
  const activation = useAction()
  const hasEnded = useRef(false)
  // In this order: the dialog has gone by then, and has given the focus back to its button.
  useEffect(() => {
    if (asked !== null || !hasEnded.current) return
    hasEnded.current = false
    onEnded()
  }, [asked, onEnded])
  const ask = (question: Question) => () => {
    setAsked(question)
  }
  const close = (): void => {
    setAsked(null)
  }
  const end = async (work: Promise<unknown>, said: string): Promise<void> => {
    await work
    say(said)
    onDone()
    hasEnded.current = true
  }
  const update = (changes: UpdateUser, said: string): Promise<void> =>
    end(rest.users.update(user.id, changes), said)
  return (
    <>
      <div className="row">
        <Button onClick={ask('role')}>{words.changeRole}</Button>
        <Button onClick={ask('password')}>{words.setPassword}</Button>
        <Button kind="danger" onClick={ask('revoke')}>
          {words.revoke}
        </Button>
        {user.isActive ? (
          <Button kind="danger" onClick={ask('deactivate')}>
            {words.deactivate}
          </Button>
        ) : (
          <Button
            busy={activation.busy}
            onClick={() => {
              activation.run(async () => {
                await rest.users.update(user.id, { isActive: true })
                toast(words.activated(user.username))
                onDone()
              })
            }}
          >
            {words.activate}
          </Button>
        )}
        {!user.isActive && (
          <Button kind="danger" onClick={ask('erase')}>
            {erase}
          </Button>
        )}
      </div>
      <ActionError error={activation.error} />
      {asked === 'role' && <ChangeRole user={user} onClose={close} update={update} />}
      {asked === 'password' && <SetPassword user={user} onClose={close} update={update} />}
      {asked === 'erase' && <EraseUser user={user} onErased={onDone} onClose={close} />}
      {asked === 'deactivate' && (
        <ConfirmDialog
          title={words.deactivateTitle(user.username)}
          detail={words.deactivateDetail}
          label={words.deactivate}
          danger
          onConfirm={() => update({ isActive: false }, words.deactivated(user.username))}
          onClose={close}
        />
      )}
      {asked === 'revoke' && (
        <ConfirmDialog
          title={words.revokeTitle(user.username)}
          detail={words.revokeDetail}
          label={words.revoke}
          danger
          onConfirm={() => end(rest.users.revoke(user.id), words.revoked(user.username))}
          onClose={close}
        />
      )}
    </>
  )
}

interface QuestionProps {
  readonly user: User
  readonly onClose: () => void
  readonly update: (changes: UpdateUser, said: string) => Promise<void>
}

const ChangeRole = ({ user, onClose, update }: QuestionProps): ReactElement => {
  const words = useWords(usersWords)
  const { roles } = useWords(commonWords)
  const [role, setRole] = useState(user.role)
  return (
    <ConfirmDialog
      title={`${words.changeRole}: ${user.username}`}
      detail={words.roleDetail}
      label={words.changeRole}
      onConfirm={() => update({ role }, words.roleChanged(user.username, roles[role]))}
      onClose={onClose}
    >
      <RoleField label={words.newRole} value={role} onValue={setRole} />
    </ConfirmDialog>
  )
}

const SetPassword = ({ user, onClose, update }: QuestionProps): ReactElement => {
  const words = useWords(usersWords)
  const [password, setPassword] = useState('')
  return (
    <ConfirmDialog
      title={words.passwordTitle(user.username)}
      detail={words.passwordDetail}
      label={words.setPassword}
      onConfirm={() => update({ password }, words.passwordSet(user.username))}
      onClose={onClose}
    >
      <PasswordField
        label={words.newPassword}
        hint={words.passwordHintNeeded}
        required
        value={password}
        onValue={setPassword}
      />
    </ConfirmDialog>
  )
}
