import { ROLES, type Role } from '@uzima/contracts/values'
import type { ReactElement } from 'react'
import { commonWords } from '../../i18n/common-words.js'
import { useWords } from '../../i18n/use-words.js'
import { SelectField } from '../../ui/field.js'

interface RoleFieldProps {
  readonly label: string
  readonly value: Role
  readonly onValue: (role: Role) => void
}

/** One of the roles, in words. */
export const RoleField = ({ label, value, onValue }: RoleFieldProps): ReactElement => {
  const { roles } = useWords(commonWords)
  return (
    <SelectField
      label={label}
      value={value}
      options={ROLES.map((one) => ({ value: one, label: roles[one] }))}
      onValue={(chosen) => {
        const next = ROLES.find((one) => one === chosen)
        if (next !== undefined) onValue(next)
      }}
    />
  )
}
