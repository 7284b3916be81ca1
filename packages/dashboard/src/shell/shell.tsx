import { rolesAllow } from '@uzima/contracts/values'
import { useEffect, useRef, type ReactElement } from 'react'
import { commonWords } from '../i18n/common-words.js'
import { useSpeech, useWords } from '../i18n/use-words.js'
import { useUser } from '../session/use-session.js'
import { ButtonLink } from '../ui/button.js'
import { focusHeading, viewHeading } from '../ui/focus.js'
import { EmptyState, ViewTitle } from '../ui/surfaces.js'
import { useAddress } from './address.js'
import { ConnectionBar } from './connection-bar.js'
import { Count, Menu } from './menu.js'
import { linkTo, placeAt, viewsOf, type Place } from './navigation.js'
import type { View } from './part.js'
import { PARTS } from './parts.js'
import { shellWords } from './shell-words.js'
import { useViewsAhead } from './use-views-ahead.js'
import { ViewFrame } from './view-frame.js'

/** The page around the views: what it is, whether it is true, where one can go, who one is. */
export const Shell = (): ReactElement => {
  const words = useWords(shellWords)
  const { appName } = useWords(commonWords)
  const { roles } = useUser()
  const views = viewsOf(roles)
  const place = placeAt(views, useAddress())
  useTitle(place)
  useHeadingFocus(place)
  useViewsAhead(roles)
  if (place?.view.frame === 'bare') {
    return (
      <main className="view view-bare">
        <ViewFrame place={place} />
      </main>
    )
  }
  return (
    <div className="shell">
      <button type="button" className="skip button button-primary" onClick={focusHeading}>
        {words.skip}
      </button>
      <header className="top">
        <a className="brand" href="#/">
          <img src="./favicon.svg" alt="" width="28" height="28" />
          {appName}
        </a>
        <Navigation views={views.filter((view) => view.place === 'bar')} current={place?.view} />
        <Menu views={views.filter((view) => view.place === 'menu')} />
        <div className="notices">
          {rolesAllow(roles, 'stock:read') && <ConnectionBar />}
          {PARTS.flatMap(({ notices = [] }) => notices).map((Notice, index) => (
            // The parts never change their order.
            <Notice key={index} />
          ))}
        </div>
      </header>
      <main className={place?.view.frame === 'full' ? 'view view-full' : 'view'}>
        {place !== undefined ? (
          <ViewFrame place={place} />
        ) : views.some((view) => view.place !== undefined) ? (
          <NotHere />
        ) : (
          <SignedIn />
        )}
      </main>
      {PARTS.flatMap(({ companions = [] }) => companions).map((Companion, index) => (
        <Companion key={index} />
      ))}
    </div>
  )
}

interface NavigationProps {
  readonly views: readonly View[]
  readonly current: View | undefined
}

const Navigation = ({ views, current }: NavigationProps): ReactElement => {
  const speech = useSpeech()
  const words = useWords(shellWords)
  return (
    <nav className="nav" aria-label={words.navigation}>
      <ul>
        {views.map((view) => (
          <li key={view.id}>
            <a href={linkTo(view)} aria-current={view === current ? 'page' : undefined}>
              {view.icon !== undefined && (
                <svg viewBox="0 0 24 24" width="24" height="24" aria-hidden>
                  <path d={view.icon} />
                </svg>
              )}
              <span>{view.name(speech)}</span>
              <Count view={view} />
            </a>
          </li>
        ))}
      </ul>
    </nav>
  )
}

const NotHere = (): ReactElement => {
  const words = useWords(shellWords)
  return (
    <>
      <ViewTitle>{words.notHere}</ViewTitle>
      <EmptyState sign="○" title={words.leadsNowhere} detail={words.notHereDetail}>
        <ButtonLink kind="primary" href="#/">
          {words.home}
        </ButtonLink>
      </EmptyState>
    </>
  )
}

/** For who has nothing to look after here: no list of nothing, no sign of what is live. */
const SignedIn = (): ReactElement => {
  const words = useWords(shellWords)
  const { roles } = useWords(commonWords)
  const { username, role } = useUser()
  return (
    <>
      <ViewTitle>{words.signedIn}</ViewTitle>
      <EmptyState sign="✓" title={username} detail={words.signedInDetail(roles[role])} />
    </>
  )
}

const useTitle = (place: Place | undefined): void => {
  const speech = useSpeech()
  const { appName } = useWords(commonWords)
  const name = place?.view.name(speech)
  // The parts never change: each hook is called each time, in the same order.
  const count = PARTS.reduce((sum, { useTitleCount }) => sum + (useTitleCount?.() ?? 0), 0)
  useEffect(() => {
    const title = name === undefined ? appName : `${name} · ${appName}`
    document.title = count === 0 ? title : `(${speech.format.number(count)}) ${title}`
  }, [name, appName, count, speech])
}

/** After a move to another view the focus is on its heading; a search or a filter is no move. */
const useHeadingFocus = (place: Place | undefined): void => {
  const id = place?.view.id
  const before = useRef<string | undefined>(undefined)
  useEffect(() => {
    if (before.current === id && id !== undefined) return
    before.current = id
    // The view's script may be on its way; who has begun to type meanwhile is left alone.
    const focused = document.activeElement
    let frames = 0
    let timer = 0
    const tryFocus = (): void => {
      frames += 1
      const { activeElement, body } = document
      // On the body it is where nobody has put it: a form that is hidden loses it a moment later.
      if (activeElement !== focused && activeElement !== body) return
      if (viewHeading() === undefined && frames < MAX_FRAMES) {
        timer = requestAnimationFrame(tryFocus)
      } else focusHeading()
    }
    tryFocus()
    return () => {
      cancelAnimationFrame(timer)
    }
  }, [id])
}

const MAX_FRAMES = 600
