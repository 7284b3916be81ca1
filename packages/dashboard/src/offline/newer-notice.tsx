import { useEffect, useSyncExternalStore, type ReactElement, type ReactNode } from 'react'
import { useWords } from '../i18n/use-words.js'
import { Button } from '../ui/button.js'
import { NoticeLine } from './notice-line.js'
import { offlineWords } from './offline-words.js'
import { pageWorker, type PageWorkerState } from './page-worker.js'

const usePageWorker = (): PageWorkerState =>
  useSyncExternalStore(pageWorker.subscribe, pageWorker.get)

/** Keeps the page for the time without a network; nothing is seen of it. */
export const KeepPage = (): null => {
  useEffect(() => {
    if (import.meta.env.PROD) pageWorker.register()
  }, [])
  return null
}

/** Keeps the page, and takes each newer one as it comes: for a screen that nobody touches. */
export const FollowPage = (): ReactElement => {
  const { newer } = usePageWorker()
  useEffect(() => {
    if (newer) pageWorker.takeOver()
  }, [newer])
  return <KeepPage />
}

/** A newer page waits: when it comes is for the person to say, who may be in the middle of something. */
export const NewerNotice = (): ReactNode => {
  const words = useWords(offlineWords)
  const { newer } = usePageWorker()
  if (!newer) return null
  return (
    <NoticeLine kind="plain" text={words.newer}>
      <Button kind="quiet" onClick={pageWorker.takeOver}>
        {words.reload}
      </Button>
    </NoticeLine>
  )
}

/** Says in the menu whether the page opens without a network, and why not. */
export const OfflineUse = (): ReactElement => {
  const words = useWords(offlineWords)
  const { readiness } = usePageWorker()
  return (
    <p className="small muted" data-readiness={readiness}>
      <span className="strong">{words.offlineUse}</span>
      <br />
      {words.readiness[readiness]}
    </p>
  )
}
