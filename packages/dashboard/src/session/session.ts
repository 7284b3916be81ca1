import { createSessionTokens, type GetToken, type Observable } from '@uzima/client'
import type { User } from '@uzima/contracts'
import type { RefusalFacts } from '../i18n/describe-refusal.js'
import { createListeners } from '../listeners.js'
import { createPasswordCheck } from './password-check.js'

/** Who is signed in at this page. */
export interface SessionState {
  readonly user: User | null
  /** Why the last session ended, where it was not the person who ended it. */
  readonly ended: RefusalFacts | null
}

export interface Session extends Observable<SessionState> {
  readonly login: (username: string, password: string) => Promise<User>
  /** Goes on after a reload; resolves with null where nobody was signed in. */
  readonly restore: () => Promise<User | null>
  /** Whether there is something to go on with. */
  readonly canRestore: () => boolean
  readonly logout: () => void
  /** The server has ended it: what is on the screen is not this person's to see any more. */
  readonly end: (reason: RefusalFacts) => void
  readonly getToken: GetToken
  /**
   * Whether this is the password of who is signed in; asks the server where this page cannot say it itself. Rejects as `login`
   * does where the server refuses it, or cannot be reached.
   */
  readonly confirm: (password: string) => Promise<void>
  /** Gets a new access token before the old one ends; rejects where there is none to be had. */
  readonly renew: () => Promise<void>
}

const REFRESH_TOKEN_KEY = 'uzima.refreshToken'
const USER_KEY = 'uzima.user'

/**
 * Makes the page's session. A reload on a tablet must not ask for the password, but a closed tab must, and no other tab may
 * read it: so the refresh token, good for one use, lies in the session's storage, and the access token nowhere. Beside it
 * lies whose it is: without a network that person sees again what this device has kept.
 *
 * @param home folder of the page's own address: below it is all that it calls
 */
export const createSession = (home: URL, storage: Storage = sessionStorage): Session => {
  const listeners = createListeners()
  const read = (): string | null => storage.getItem(REFRESH_TOKEN_KEY)
  let state: SessionState = { user: read() === null ? null : readUser(storage), ended: null }
  const set = (next: SessionState): void => {
    state = next
    if (next.user === null) storage.removeItem(USER_KEY)
    else storage.setItem(USER_KEY, JSON.stringify(next.user))
    listeners.call()
  }

  const check = createPasswordCheck()
  let lastToken: string | undefined

  const tokens = createSessionTokens({
    baseUrl: home.href,
    storage: {
      read,
      write: (refreshToken) => {
        if (refreshToken === null) storage.removeItem(REFRESH_TOKEN_KEY)
        else storage.setItem(REFRESH_TOKEN_KEY, refreshToken)
      },
    },
    onUser: (user) => {
      if (user === null) check.forget()
      if (user !== null) set({ user, ended: null })
      else if (state.user !== null) set({ user: null, ended: { code: 'AUTH_REFRESH_INVALID' } })
    },
  })

  const login = async (username: string, password: string): Promise<User> => {
    const user = await tokens.login(username, password)
    void check.remember(user.id, password)
    return user
  }
  const getToken: GetToken = async (asked) => {
    lastToken = await tokens.getToken(asked)
    return lastToken
  }

  return {
    get: () => state,
    subscribe: listeners.subscribe,
    login,
    restore: tokens.restore,
    canRestore: () => read() !== null,
    logout: () => {
      set({ user: null, ended: null })
      // Here it is over at once; a server that cannot be told ends it when the tokens expire.
      tokens.logout().catch(() => undefined)
    },
    end: (reason) => {
      set({ user: null, ended: reason })
      tokens.forget()
    },
    getToken,
    confirm: async (password) => {
      const { user } = state
      if (user === null) throw new TypeError('Nobody is signed in')
      if ((await check.matches(user.id, password)) === true) return
      // What this page does not know, the server may: the password may be a new one.
      await login(user.username, password)
    },
    renew: async () => {
      await getToken({ staleToken: lastToken })
    },
  }
}

/** Who used this tab before the reload; null where that is not there or not readable. */
const readUser = (storage: Storage): User | null => {
  try {
    const user = JSON.parse(storage.getItem(USER_KEY) ?? 'null') as Partial<User> | null
    // Written by `set` above, or by nobody: the server's answer replaces it as soon as there is one.
    return typeof user?.id === 'string' && typeof user.username === 'string' ? (user as User) : null
  } catch (thrown) {
    if (thrown instanceof SyntaxError) return null
    throw thrown
  }
}
