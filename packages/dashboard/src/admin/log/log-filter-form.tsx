import type { User } from '@uzima/contracts'
import type { ReactElement } from 'react'
import { useWords } from '../../i18n/use-words.js'
import { go, hrefOf } from '../../shell/address.js'
import { ButtonLink } from '../../ui/button.js'
import { SelectField, TextField } from '../../ui/field.js'
import { ATTEMPT_OUTCOMES, type LogFilters } from './log-filters.js'
import { logWords } from './log-words.js'

interface LogFilterFormProps {
  readonly filters: LogFilters
  readonly users: readonly User[]
}

/** The filters; each choice is a new address. */
export const LogFilterForm = ({ filters, users }: LogFilterFormProps): ReactElement => {
  const words = useWords(logWords)
  const set = (changes: Partial<LogFilters>): void => {
    go(hrefOf(['admin', 'log'], { ...filters, ...changes }), { replace: true })
  }
  const isKnown = filters.user === '' || users.some(({ id }) => id === filters.user)
  return (
    <div className="admin-filters">
      <SelectField
        label={words.user}
        value={filters.user}
        onValue={(user) => {
          set({ user })
        }}
        options={[
          { value: '', label: words.everybody },
          // One who is gone has left his entries.
          ...(isKnown
            ? []
            : [{ value: filters.user, label: words.somebodyGone(filters.user.slice(0, 8)) }]),
          ...users.map(({ id, username }) => ({ value: id, label: username })),
        ]}
      />
      <SelectField
        label={words.outcome}
        value={filters.outcome}
        onValue={(chosen) => {
          set({ outcome: ATTEMPT_OUTCOMES.find((one) => one === chosen) ?? '' })
        }}
        options={[
          { value: '', label: words.anyOutcome },
          ...ATTEMPT_OUTCOMES.map((one) => ({ value: one, label: words.outcomes[one] })),
        ]}
      />
      <TextField
        type="date"
        label={words.from}
        value={filters.from}
        max={filters.to === '' ? undefined : filters.to}
        onValue={(from) => {
          set({ from })
        }}
      />
      <TextField
        type="date"
        label={words.to}
        value={filters.to}
        min={filters.from === '' ? undefined : filters.from}
        onValue={(to) => {
          set({ to })
        }}
      />
      {Object.values(filters).some((value) => value !== '') && (
        <ButtonLink href={hrefOf(['admin', 'log'])}>{words.clear}</ButtonLink>
      )}
    </div>
  )
}
