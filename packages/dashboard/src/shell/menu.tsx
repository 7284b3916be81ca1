import { useState, type ReactElement } from 'react'
import { commonWords } from '../i18n/common-words.js'
import { LANGUAGES, type Language } from '../i18n/language.js'
import { useLanguages, useSpeech, useWords } from '../i18n/use-words.js'
import { useSession, useUser } from '../session/use-session.js'
import { Button } from '../ui/button.js'
import { Dialog } from '../ui/dialog.js'
import { SelectField } from '../ui/field.js'
import { linkTo } from './navigation.js'
import type { View } from './part.js'
import { PARTS } from './parts.js'
import { chooseScheme, SCHEMES, useScheme, type Scheme } from './scheme.js'
import { LANGUAGE_NAMES, shellWords } from './shell-words.js'

/** The button with the person's name, and behind it all that is not needed all day. */
export const Menu = ({ views }: { readonly views: readonly View[] }): ReactElement => {
  const words = useWords(shellWords)
  const { username } = useUser()
  const [open, setOpen] = useState(false)
  return (
    <>
      <button
        type="button"
        className="menu-button"
        aria-haspopup="dialog"
        onClick={() => {
          setOpen(true)
        }}
      >
        <span className="menu-avatar" aria-hidden>
          {username.slice(0, 1).toUpperCase()}
        </span>
        <span className="menu-name">
          <span className="sr-only">{words.menu}: </span>
          {username}
        </span>
      </button>
      {open && (
        <MenuDialog
          views={views}
          onClose={() => {
            setOpen(false)
          }}
        />
      )}
    </>
  )
}

interface MenuDialogProps {
  readonly views: readonly View[]
  readonly onClose: () => void
}

const MenuDialog = ({ views, onClose }: MenuDialogProps): ReactElement => {
  const words = useWords(shellWords)
  const common = useWords(commonWords)
  const speech = useSpeech()
  const languages = useLanguages()
  const scheme = useScheme()
  const session = useSession()
  const { username, roles } = useUser()
  return (
    <Dialog title={words.menu} onClose={onClose}>
      <div className="stack">
        <p>
          <span className="strong">{username}</span>
          <br />
          <span className="muted small">{roles.map((role) => common.roles[role]).join(', ')}</span>
        </p>
        {views.length > 0 && (
          <ul className="menu-links">
            {views.map((view) => (
              <li key={view.id}>
                <a href={linkTo(view)} onClick={onClose}>
                  {view.name(speech)}
                  <Count view={view} />
                </a>
              </li>
            ))}
          </ul>
        )}
        {PARTS.flatMap(({ menu = [] }) => menu).map((Entry, index) => (
          // The parts never change their order.
          <Entry key={index} />
        ))}
        <SelectField
          label={words.language}
          value={speech.language}
          onValue={(value) => {
            languages.choose(value as Language)
          }}
          options={LANGUAGES.map((value) => ({ value, label: LANGUAGE_NAMES[value] }))}
        />
        <SelectField
          label={words.scheme}
          value={scheme}
          onValue={(value) => {
            chooseScheme(value as Scheme)
          }}
          options={SCHEMES.map((value) => ({ value, label: words.schemes[value] }))}
        />
        <Button wide onClick={session.logout}>
          {words.signOut}
        </Button>
      </div>
    </Dialog>
  )
}

/** What waits at a view, as a number; nothing where nothing does. */
export const Count = ({ view }: { readonly view: View }): ReactElement | null =>
  view.useCount === undefined ? null : <Counted useCount={view.useCount} />

const Counted = ({ useCount }: { readonly useCount: () => number }): ReactElement | null => {
  const count = useCount()
  const { format, words } = useSpeech()
  if (count === 0) return null
  return (
    <>
      <span className="count" aria-hidden>
        {format.number(count)}
      </span>
      <span className="sr-only">{words(shellWords).waiting(count)}</span>
    </>
  )
}
