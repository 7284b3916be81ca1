import { useState, type ReactElement } from 'react'
import { useWords } from '../i18n/use-words.js'
import { CheckField } from '../ui/field.js'
import { alertsWords } from './alerts-words.js'
import { createSound, isSoundOn, setSound } from './sound.js'

/** In the menu: whether this device makes a sound; turned on, one hears which. */
export const SoundSwitch = (): ReactElement => {
  const words = useWords(alertsWords)
  const [isOn, setOn] = useState(() => isSoundOn(localStorage))
  return (
    <CheckField
      label={words.sound}
      checked={isOn}
      onValue={(on) => {
        setSound(localStorage, on)
        setOn(on)
        if (on) createSound()()
      }}
    />
  )
}
