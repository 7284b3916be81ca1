import { useUzima } from '@uzima/client/react'
import type { User } from '@uzima/contracts'
import { useState, type ReactElement } from 'react'
import { useWords } from '../../i18n/use-words.js'
import { useAnnouncer } from '../../ui/announcer.js'
import { TextField } from '../../ui/field.js'
import { ConfirmDialog } from '../confirm-dialog.js'
import { eraseWords } from './erase-words.js'

interface EraseUserProps {
  readonly user: User
  readonly onErased: () => void
  readonly onClose: () => void
}

/** Says what is forgotten of a person and that it is for good, and forgets it once that is confirmed. */
export const EraseUser = ({ user, onErased, onClose }: EraseUserProps): ReactElement => {
  const words = useWords(eraseWords)
  const { rest } = useUzima()
  const { toast } = useAnnouncer()
  const [reason, setReason] = useState('')
  return (
    <ConfirmDialog
      title={words.title(user.username)}
      detail={words.detail}
      label={words.erase}
      danger
      onConfirm={async () => {
        const given = reason.trim()
        await rest.users.erase(user.id, given === '' ? undefined : given)
        toast(words.erased)
        onErased()
      }}
      onClose={onClose}
    >
      <TextField
        label={words.reason}
        hint={words.reasonHint}
        maxLength={500}
        value={reason}
        onValue={setReason}
      />
    </ConfirmDialog>
  )
}
