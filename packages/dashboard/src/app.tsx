import './ui/surfaces.css'
import './shell/shell.css'
import { UzimaProvider } from '@uzima/client/react'
import type { User } from '@uzima/contracts'
import { flushSync } from 'react-dom'
import { createRoot } from 'react-dom/client'
import type { Languages } from './i18n/language.js'
import { LanguagesContext } from './i18n/use-words.js'
import { startLive, type Live } from './session/live.js'
import type { Session } from './session/session.js'
import { SessionContext } from './session/use-session.js'
import { Failsafe } from './shell/failsafe.js'
import { Guarded } from './shell/guarded.js'
import { Shell } from './shell/shell.js'
import { preloadView } from './shell/view-frame.js'
import { AnnouncerProvider } from './ui/announcer.js'

interface AppParts {
  readonly home: URL
  readonly languages: Languages
  readonly session: Session
}

/** Draws the page for whoever is signed in, from now on; nothing of one person is left for the next. */
export const startApp = ({ home, languages, session }: AppParts): void => {
  const element = document.getElementById('root')
  if (element === null) throw new TypeError('index.html has no element with the id "root"')
  const root = createRoot(element)
  let shown: User | null = null
  let live: Live | undefined

  const follow = (): void => {
    const { user } = session.get()
    if (user?.id === shown?.id) return
    void live?.leave()
    live = user === null ? undefined : startLive(home, session, user)
    shown = user
    if (user === null || live === undefined) {
      // At once: what one person saw is gone before the next one looks.
      flushSync(() => {
        root.render(null)
      })
      return
    }
    root.render(
      <LanguagesContext value={languages}>
        <SessionContext value={session}>
          <UzimaProvider client={live.client} key={user.id}>
            <Failsafe>
              <AnnouncerProvider>
                <Guarded>
                  <Shell />
                </Guarded>
              </AnnouncerProvider>
            </Failsafe>
          </UzimaProvider>
        </SessionContext>
      </LanguagesContext>,
    )
  }
  session.subscribe(follow)
  follow()
  preloadView()
}
