import type { ReactElement } from 'react'
import { useWords } from '../i18n/use-words.js'
import { connectionsWords } from './connections/connections-words.js'
import { readDevice } from './describe-device.js'

/** A device in few words; all that it says of itself where the pointer rests. */
export const DeviceText = ({ userAgent }: { readonly userAgent: string | null }): ReactElement => {
  const words = useWords(connectionsWords)
  const device = readDevice(userAgent)
  return (
    <span title={userAgent ?? undefined}>
      {device !== undefined
        ? words.on(device.browser, device.system)
        : userAgent === null
          ? words.unknownDevice
          : shortened(userAgent)}
    </span>
  )
}

const shortened = (text: string): string => (text.length > 40 ? `${text.slice(0, 39)}…` : text)
