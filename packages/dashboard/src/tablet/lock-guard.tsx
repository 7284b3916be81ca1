import './tablet.css'
import {
  useEffect,
  useLayoutEffect,
  useRef,
  useState,
  useSyncExternalStore,
  type ReactElement,
  type ReactNode,
} from 'react'
import { createPortal } from 'react-dom'
import { createIdleLock } from './idle-lock.js'
import { LockContext } from './lock-context.js'
import { LockScreen } from './lock-screen.js'
import { readLockAfter } from './lock-after.js'
import { createShelter } from './shelter.js'

/** What says that somebody is there. */
const SIGNS_OF_LIFE = ['pointerdown', 'keydown', 'wheel', 'touchmove'] as const
const CHECK_EVERY_MS = 1000

/**
 * Around everything that a person sees: takes it out of the document while the page is locked. It lives on meanwhile, so that
 * whoever unlocks finds what was typed.
 */
export const LockGuard = ({ children }: { readonly children: ReactNode }): ReactElement => {
  const [lock] = useState(() =>
    createIdleLock({
      storage: sessionStorage,
      afterMs: () => {
        const minutes = readLockAfter(localStorage)
        return minutes === 0 ? null : minutes * 60_000
      },
    }),
  )
  const [shelter] = useState(createShelter)
  const slot = useRef<HTMLDivElement>(null)
  const locked = useSyncExternalStore(lock.subscribe, lock.get)

  useLayoutEffect(() => {
    if (locked || slot.current === null) return undefined
    shelter.show(slot.current)
    return shelter.hide
  }, [locked, shelter])

  useEffect(() => {
    for (const sign of SIGNS_OF_LIFE) {
      window.addEventListener(sign, lock.active, { capture: true, passive: true })
    }
    document.addEventListener('visibilitychange', lock.check)
    const timer = setInterval(lock.check, CHECK_EVERY_MS)
    return () => {
      for (const sign of SIGNS_OF_LIFE) {
        window.removeEventListener(sign, lock.active, { capture: true })
      }
      document.removeEventListener('visibilitychange', lock.check)
      clearInterval(timer)
      lock.forget()
    }
  }, [lock])

  return (
    <LockContext value={lock}>
      {createPortal(children, shelter.element)}
      <div ref={slot} className="shelter" />
      {locked && <LockScreen lock={lock} />}
    </LockContext>
  )
}
