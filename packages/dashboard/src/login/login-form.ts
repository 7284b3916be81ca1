import { describeError, describeRefusal } from '../i18n/describe-refusal.js'
import { LANGUAGES, type Languages } from '../i18n/language.js'
import type { Session } from '../session/session.js'
import { loginWords } from './login-words.js'

/** Whether a session of before is looked for: the form waits meanwhile. */
export type Restoring = 'no' | 'first' | 'again'

export interface LoginForm {
  readonly setRestoring: (restoring: Restoring) => void
}

type LoginWord = keyof ReturnType<(typeof loginWords)['en']>

/**
 * Brings the form of `index.html` to life, without React: it can be typed into before React has come, and stays the one form to
 * sign in with.
 *
 * @param onSubmit called when somebody wants in, before the server has answered
 */
export const createLoginForm = (
  languages: Languages,
  session: Session,
  onSubmit: () => void,
): LoginForm => {
  const all = byId('login', HTMLElement)
  const form = byId('login-form', HTMLFormElement)
  const username = byId('login-username', HTMLInputElement)
  const password = byId('login-password', HTMLInputElement)
  const submit = byId('login-submit', HTMLButtonElement)
  const message = byId('login-message', HTMLElement)
  const wait = byId('login-wait', HTMLElement)
  const language = byId('login-language', HTMLSelectElement)
  const show = byId('login-show', HTMLInputElement)

  let failure: unknown
  let busy = false
  let restoring: Restoring = 'no'
  let wasShown = false

  const messageText = (): string => {
    const { ended } = session.get()
    const speech = languages.speech()
    if (failure !== undefined) return describeError(speech, failure)
    return ended === null ? '' : describeRefusal(speech, ended)
  }

  const draw = (): void => {
    const { user } = session.get()
    const speech = languages.speech()
    const words = speech.words(loginWords)
    for (const element of document.querySelectorAll<HTMLElement>('[data-word]')) {
      // A test holds the attributes of index.html and the words together.
      element.textContent = words[element.dataset['word'] as LoginWord]
    }
    if (user === null) document.title = words.pageTitle
    const shown = user === null && restoring === 'no'
    all.hidden = user !== null
    form.hidden = !shown
    wait.hidden = shown
    wait.textContent = restoring === 'again' ? words.retrying : words.restoring
    submit.setAttribute('aria-busy', String(busy))
    submit.textContent = busy ? words.submitting : words.submit
    language.value = speech.language
    const text = messageText()
    if (message.textContent !== text) message.textContent = text
    message.hidden = text === ''
    if (shown && !wasShown) {
      // After the page of before is gone: a dialog that is open would not let the focus out.
      setTimeout(() => {
        username.focus()
      })
    }
    wasShown = shown
  }

  const send = async (): Promise<void> => {
    busy = true
    failure = undefined
    draw()
    let thrown: unknown
    try {
      await session.login(username.value.trim(), password.value)
      form.reset()
      password.type = 'password'
    } catch (error) {
      thrown = error
      password.value = ''
    }
    busy = false
    failure = thrown
    draw()
    if (thrown !== undefined) password.focus()
  }

  form.addEventListener('submit', (event) => {
    event.preventDefault()
    if (busy) return
    onSubmit()
    void send()
  })
  show.addEventListener('change', () => {
    password.type = show.checked ? 'text' : 'password'
  })
  language.addEventListener('change', () => {
    const chosen = LANGUAGES.find((each) => each === language.value)
    if (chosen !== undefined) languages.choose(chosen)
  })
  languages.subscribe(draw)
  session.subscribe(() => {
    // How the session ended is told now; what failed before it is over.
    failure = undefined
    draw()
  })

  return {
    setRestoring: (next) => {
      restoring = next
      draw()
    },
  }
}

const byId = <E extends HTMLElement>(id: string, kind: new () => E): E => {
  const element = document.getElementById(id)
  if (!(element instanceof kind)) throw new TypeError(`index.html has no element ${id}`)
  return element
}
