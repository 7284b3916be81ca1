import { useUzima, useWrites } from '@uzima/client/react'
import { useEffect, useState, useSyncExternalStore, type ReactElement, type ReactNode } from 'react'
import { useWords } from '../i18n/use-words.js'
import { useMay } from '../session/use-session.js'
import { hrefOf } from '../shell/address.js'
import { ButtonLink } from '../ui/button.js'
import { keepStorage, type StoragePromise } from './keep-storage.js'
import { NoticeLine } from './notice-line.js'
import { offlineWords } from './offline-words.js'

const MOVEMENTS = hrefOf(['movements'])

/** What of this person's movements has not arrived, and how many of other people's wait on this device. */
export const WritesNotice = (): ReactNode => {
  const words = useWords(offlineWords)
  const mayMove = useMay('stock:move')
  const writes = useWrites()
  const others = useOthersWaiting()
  const count = (...states: readonly string[]): number =>
    writes.filter(({ state }) => states.includes(state)).length
  const pending = count('queued', 'sending', 'unsure')
  const waiting = count('waiting')
  const refused = count('refused')
  const storage = useStoragePromise(pending > 0)
  return (
    <>
      {refused > 0 && (
        <NoticeLine kind="error" text={words.refused(refused)}>
          <ButtonLink kind="plain" href={MOVEMENTS}>
            {words.decide}
          </ButtonLink>
        </NoticeLine>
      )}
      {pending > 0 && (
        <NoticeLine kind="pending" text={words.pending(pending)}>
          {mayMove && <ShowMovements />}
        </NoticeLine>
      )}
      {waiting > 0 && (
        <NoticeLine kind="warn" text={words.waiting(waiting)}>
          {mayMove && <ShowMovements />}
        </NoticeLine>
      )}
      {pending > 0 && storage === 'not_kept' && <NoticeLine kind="warn" text={words.notKept} />}
      {others > 0 && <NoticeLine kind="plain" text={words.others(others)} />}
    </>
  )
}

const ShowMovements = (): ReactElement => {
  const { show } = useWords(offlineWords)
  return (
    <ButtonLink kind="quiet" href={MOVEMENTS}>
      {show}
    </ButtonLink>
  )
}

const useOthersWaiting = (): number => {
  const { writes } = useUzima()
  return useSyncExternalStore(writes.subscribe, writes.othersWaiting)
}

const useStoragePromise = (wanted: boolean): StoragePromise => {
  const [answer, setAnswer] = useState<StoragePromise>('asking')
  useEffect(() => {
    if (wanted) void keepStorage().then(setAnswer)
  }, [wanted])
  return answer
}
