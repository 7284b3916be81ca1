import {
  createContext,
  use,
  useMemo,
  useRef,
  useState,
  type ReactElement,
  type ReactNode,
} from 'react'

export interface Announcer {
  /** Says it to who listens; `urgent` interrupts. Nothing is seen. */
  readonly say: (text: string, options?: { readonly urgent?: boolean }) => void
  /** Says it and shows it for 6 s: for what needs no answer and stands elsewhere as well. */
  readonly toast: (text: string) => void
}

const AnnouncerContext = createContext<Announcer | null>(null)

/** Gives the page's voice; only below `AnnouncerProvider`. */
export const useAnnouncer = (): Announcer => {
  const announcer = use(AnnouncerContext)
  if (announcer === null) throw new TypeError('useAnnouncer needs an AnnouncerProvider above it')
  return announcer
}

const TOAST_MS = 6000

interface Said {
  readonly polite: string
  readonly urgent: string
  readonly toasts: readonly { readonly id: number; readonly text: string }[]
}

/** Holds the live regions: they must be in the document before anything is said in them. */
export const AnnouncerProvider = ({ children }: { readonly children: ReactNode }): ReactElement => {
  const [said, setSaid] = useState<Said>({ polite: '', urgent: '', toasts: [] })
  const nextId = useRef(0)
  const announcer = useMemo<Announcer>(() => {
    // The same text twice is not heard twice; a space that nobody sees makes it another one.
    const anew = (before: string, text: string): string =>
      before === text ? `${text}\u00a0` : text
    const say: Announcer['say'] = (text, { urgent = false } = {}) => {
      setSaid((now) =>
        urgent
          ? { ...now, urgent: anew(now.urgent, text) }
          : { ...now, polite: anew(now.polite, text) },
      )
    }
    return {
      say,
      toast: (text) => {
        nextId.current += 1
        const id = nextId.current
        say(text)
        setSaid((now) => ({ ...now, toasts: [...now.toasts, { id, text }] }))
        setTimeout(() => {
          setSaid((now) => ({ ...now, toasts: now.toasts.filter((toast) => toast.id !== id) }))
        }, TOAST_MS)
      },
    }
  }, [])
  return (
    <AnnouncerContext value={announcer}>
      {children}
      <div className="toasts" aria-hidden>
        {said.toasts.map(({ id, text }) => (
          <p key={id} className="toast">
            {text}
          </p>
        ))}
      </div>
      <p className="sr-only" role="status" data-live="polite">
        {said.polite}
      </p>
      <p className="sr-only" role="alert" data-live="urgent">
        {said.urgent}
      </p>
    </AnnouncerContext>
  )
}
