import { useUzima } from '@uzima/client/react'
import { useEffect, useState } from 'react'

/** The server's time, moving on by itself each `everyMs`: what is `today` does not hang on this device's clock. */
export const useNow = (everyMs: number): number => {
  const client = useUzima()
  const [now, setNow] = useState(() => client.now())
  useEffect(() => {
    const timer = setInterval(() => {
      setNow(client.now())
    }, everyMs)
    return () => {
      clearInterval(timer)
    }
  }, [client, everyMs])
  return now
}
