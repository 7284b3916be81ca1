import type { User } from '@uzima/contracts'
import type { ReactElement } from 'react'
import { useWords } from '../../i18n/use-words.js'
import { Mark } from '../../ui/mark.js'
import { usersWords } from './users-words.js'

/** Whether somebody can sign in with the account. */
export const UserState = ({ user }: { readonly user: User }): ReactElement => {
  const words = useWords(usersWords)
  return (
    <Mark kind={user.isActive ? 'good' : 'out'}>
      {user.isActive ? words.active : words.inactive}
    </Mark>
  )
}
