import type { AuthUser } from '../../src/auth/authorize.js'
import { createUserDirectory } from '../../src/auth/user-directory.js'
import { toLogEntry, type LogEntry } from '../../src/log/entry.js'

/** A user of this id, active, with what is overridden. */
export const user = (id: string, overrides: Partial<AuthUser> = {}): AuthUser => ({
  id,
  username: id,
  role: 'pharmacist',
  roles: ['pharmacist'],
  isActive: true,
  authVersion: 1,
  tokensNotBefore: null,
  liveSessionIds: [],
  ...overrides,
})

/** The entry of a change of the user. */
export const changeOf = (userId: string): LogEntry =>
  toLogEntry({
    seq: 1,
    name: 'user:changed',
    audience: `user:${userId}`,
    payload: { userId, deleted: true, ended: 'deleted' },
    at: new Date(),
  })

/** The entry of the end of his session. */
export const endOf = (userId: string, sessionId: string): LogEntry =>
  toLogEntry({
    seq: 1,
    name: 'session:ended',
    audience: `user:${userId}`,
    payload: { userId, sessionId },
    at: new Date(),
  })

/** A store whose answers the test gives, one by one. */
export const setupDirectory = (
  options: { readonly lookUpTimeoutMs?: number; readonly lookUpEveryMs?: number } = {},
) => {
  const asked: {
    readonly userIds: readonly string[]
    readonly answer: (...found: readonly AuthUser[]) => void
  }[] = []
  /** `confirms`: whether one read would make it fresh. */
  const state = { isFresh: true, confirms: false }
  const directory = createUserDirectory({
    isFresh: () => state.isFresh,
    confirm: async () => {
      state.isFresh ||= state.confirms
      return state.isFresh
    },
    findUsers: (subjects) =>
      new Promise((resolve) =>
        asked.push({
          userIds: subjects.map(({ userId }) => userId),
          answer: (...found) => {
            resolve(new Map(found.map((one) => [one.id, one])))
          },
        }),
      ),
    lookUpEveryMs: 0,
    ...options,
  })
  return { directory, asked, state }
}

/** Two turns of the event loop: what is asked in one goes to the store in the next. */
export const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 2; turn += 1) await new Promise((resolve) => setImmediate(resolve))
}
