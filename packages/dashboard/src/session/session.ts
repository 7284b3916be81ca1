import { createSessionTokens, type GetToken, type Observable } from '@uzima/client'
import type { User } from '@uzima/contracts'
import type { RefusalFacts } from '../i18n/describe-refusal.js'

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
}

const REFRESH_TOKEN_KEY = 'uzima.refreshToken'

/**
 * Makes the page's session. A reload on a tablet must not ask for the password, but a closed tab must, and no other tab may
 * read it: so the refresh token, good for one use, lies in the session's storage, and the access token nowhere.
 *
 * @param home folder of the page's own address: below it is all that it calls
 */
export const createSession = (home: URL, storage: Storage = sessionStorage): Session => {
  const listeners = new Set<() => void>()
  let state: SessionState = { user: null, ended: null }
  const set = (next: SessionState): void => {
    state = next
    for (const listener of [...listeners]) listener()
  }
  const read = (): string | null => storage.getItem(REFRESH_TOKEN_KEY)

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
      if (user !== null) set({ user, ended: null })
      else if (state.user !== null) set({ user: null, ended: { code: 'AUTH_REFRESH_INVALID' } })
    },
  })

  return {
    get: () => state,
    subscribe: (listener) => {
      listeners.add(listener)
      return () => {
        listeners.delete(listener)
      }
    },
    login: tokens.login,
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
    getToken: tokens.getToken,
  }
}
