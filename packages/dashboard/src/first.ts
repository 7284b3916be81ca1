import './ui/tokens.css'
import './ui/base.css'
import './ui/controls.css'
import './login/login.css'
import { createLanguages } from './i18n/language.js'
import { createLoginForm } from './login/login-form.js'
import { createSession } from './session/session.js'
import { applyScheme } from './shell/scheme.js'

/**
 * What runs first, and all that the form needs. The rest, React and the views, comes while somebody types: on a slow tablet
 * that is the difference between one second to the form and five.
 */
const start = (): void => {
  applyScheme()
  const home = new URL('.', location.href)
  const languages = createLanguages({
    storage: localStorage,
    preferred: navigator.languages,
    onLanguage: (language) => {
      document.documentElement.lang = language
    },
  })
  const session = createSession(home)

  let app: Promise<void> | undefined
  const loadApp = (): Promise<void> =>
    (app ??= import('./app.js')
      .then(({ startApp }) => startApp({ home, languages, session }))
      .catch(() => {
        // The network was away for a moment: the next try loads it again.
        app = undefined
      }))

  const form = createLoginForm(languages, session, () => void loadApp())
  session.subscribe(() => void loadApp())

  const restore = async (): Promise<void> => {
    try {
      await session.restore()
      form.setRestoring('no')
    } catch {
      form.setRestoring('again')
      setTimeout(() => void restore(), RETRY_RESTORE_MS)
    }
  }

  if (session.canRestore()) {
    form.setRestoring('first')
    void restore()
    void loadApp()
  } else {
    form.setRestoring('no')
    afterFirstPaint(() => void loadApp())
  }
}

const RETRY_RESTORE_MS = 3000

const afterFirstPaint = (work: () => void): void => {
  requestAnimationFrame(() => setTimeout(work))
}

start()
