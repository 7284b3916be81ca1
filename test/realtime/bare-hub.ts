import type { AuthUser } from '../../src/auth/authorize.js'
import type { HubDeps } from '../../src/realtime/hub-deps.js'
import { startAtOnce } from '../../src/realtime/resume.js'

export const USER: AuthUser = {
  id: 'u-1',
  username: 'asha',
  role: 'pharmacist',
  roles: ['pharmacist'],
  isActive: true,
  authVersion: 1,
  tokensNotBefore: null,
}

const ignore = (): void => undefined

/** What a hub needs that stands alone, without log, database and Redis; codes of refusals go into `refused`, in order. */
export const bareHub = (refused: string[]) =>
  ({
    nodeName: 'one',
    clientAddress: () => '127.0.0.1',
    attempts: {
      mayTry: ignore,
      accepted: ignore,
      refused: (_attempt, _facts, { code }) => refused.push(code),
      aborted: ignore,
      closed: ignore,
      originRefused: ignore,
    },
    now: Date.now,
    observer: { redisState: ignore, dropped: ignore, failed: ignore },
    starter: startAtOnce,
    knowledge: { ageMs: () => 0, freshness: () => 'fresh', confirm: async () => true },
    redis: undefined,
    allowedOrigins: [],
    authCloseAfterMs: 1,
  }) satisfies Partial<HubDeps>
