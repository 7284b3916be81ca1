import { useUzima } from '@uzima/client/react'
import type { Role, User } from '@uzima/contracts'
import { useState, type ReactElement } from 'react'
import { commonWords } from '../../i18n/common-words.js'
import { useWords } from '../../i18n/use-words.js'
import { useAnnouncer } from '../../ui/announcer.js'
import { TextField } from '../../ui/field.js'
import { ConfirmDialog } from '../confirm-dialog.js'
import { grantsWords } from './grants-words.js'
import { RoleField } from './role-field.js'

const A_SHIFT_MS = 8 * 3_600_000

interface GiveRoleProps {
  readonly user: User
  readonly onGiven: () => void
  readonly onClose: () => void
}

/** Asks for a role, until when, and why; a shift from now is filled in. */
export const GiveRole = ({ user, onGiven, onClose }: GiveRoleProps): ReactElement => {
  const words = useWords(grantsWords)
  const common = useWords(commonWords)
  const client = useUzima()
  const { say } = useAnnouncer()
  const [role, setRole] = useState<Role>(user.role === 'pharmacist' ? 'doctor' : 'pharmacist')
  const [until, setUntil] = useState(() => localMinute(client.now() + A_SHIFT_MS))
  const [reason, setReason] = useState('')
  return (
    <ConfirmDialog
      title={words.giveTitle(user.username)}
      detail={words.giveDetail}
      label={words.give}
      onConfirm={async () => {
        // Without an offset it is the time where this device is, as the field shows it.
        const validUntil = new Date(until).toISOString()
        await client.rest.grants.create(user.id, { role, validUntil, reason })
        say(words.given(user.username, common.roles[role]))
        onGiven()
      }}
      onClose={onClose}
    >
      <RoleField label={common.role} value={role} onValue={setRole} />
      <TextField
        type="datetime-local"
        label={words.until}
        required
        value={until}
        onValue={setUntil}
      />
      <TextField
        label={words.reason}
        hint={words.reasonHint}
        required
        maxLength={500}
        value={reason}
        onValue={setReason}
      />
    </ConfirmDialog>
  )
}

/** A moment as such a field has it: the wall time of this device, to the minute. */
const localMinute = (at: number): string => {
  const offsetMs = new Date(at).getTimezoneOffset() * 60_000
  return new Date(at - offsetMs).toISOString().slice(0, 16)
}
