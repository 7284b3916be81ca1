import { useState, type ReactElement } from 'react'
import { useWords } from '../i18n/use-words.js'
import { Button } from '../ui/button.js'
import { SelectField } from '../ui/field.js'
import { LOCK_AFTER_MINUTES, readLockAfter, writeLockAfter } from './lock-after.js'
import { useLock } from './lock-context.js'
import { tabletWords } from './tablet-words.js'

/** In the menu: lock now, and how soon it locks by itself. */
export const LockMenu = (): ReactElement => {
  const words = useWords(tabletWords)
  const lock = useLock()
  const [minutes, setMinutes] = useState(() => readLockAfter(localStorage))
  const choices = [...new Set([...LOCK_AFTER_MINUTES, minutes])]
  return (
    <>
      <SelectField
        label={words.lockAfter}
        value={minutes.toString()}
        onValue={(value) => {
          writeLockAfter(localStorage, Number(value))
          setMinutes(Number(value))
        }}
        options={choices.map((each) => ({ value: each.toString(), label: words.after(each) }))}
      />
      <Button wide onClick={lock.lock}>
        {words.lockNow}
      </Button>
    </>
  )
}
