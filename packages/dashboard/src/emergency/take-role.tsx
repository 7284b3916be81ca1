import { useUzima } from '@uzima/client/react'
import { EMERGENCY_ROLES, type Role } from '@uzima/contracts/values'
import { useState, type ReactElement } from 'react'
import { ConfirmDialog } from '../admin/confirm-dialog.js'
import { commonWords } from '../i18n/common-words.js'
import { useFormat, useWords } from '../i18n/use-words.js'
import { useAnnouncer } from '../ui/announcer.js'
import { SelectField, TextField } from '../ui/field.js'
import { emergencyWords } from './emergency-words.js'
import { takeRoleWords } from './take-role-words.js'

const MINUTES = [5, 15, 30, 60]

interface TakeRoleProps {
  /** What may be taken. */
  readonly roles: readonly Role[]
  readonly onClose: () => void
}

/** Asks which role, for how long, and why. */
export const TakeRole = ({ roles, onClose }: TakeRoleProps): ReactElement => {
  const words = useWords(takeRoleWords)
  const common = useWords(commonWords)
  const { take } = useWords(emergencyWords)
  const format = useFormat()
  const { rest } = useUzima()
  const { say } = useAnnouncer()
  // What is in force by then is offered no more: the choice stays as it was made.
  const [offered] = useState(() => EMERGENCY_ROLES.filter((role) => roles.includes(role)))
  const [role, setRole] = useState(offered.find((one) => one === 'pharmacist') ?? offered[0])
  const [minutes, setMinutes] = useState('15')
  const [reason, setReason] = useState('')
  return (
    <ConfirmDialog
      title={take}
      detail={words.warning}
      label={take}
      danger
      onConfirm={async () => {
        if (role === undefined) return
        await rest.breakGlass.take({ role, minutes: Number(minutes), reason })
        say(words.taken(common.roles[role]))
      }}
      onClose={onClose}
    >
      <SelectField
        label={words.role}
        value={role ?? ''}
        options={offered.map((one) => ({ value: one, label: common.roles[one] }))}
        onValue={(chosen) => {
          setRole(offered.find((one) => one === chosen))
        }}
      />
      <SelectField
        label={words.minutes}
        value={minutes}
        options={MINUTES.map((one) => ({
          value: one.toString(),
          label: format.duration(one * 60_000),
        }))}
        onValue={setMinutes}
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
