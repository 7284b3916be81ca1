import { createUzimaClient, indexedDbStore, type UzimaClient } from '@uzima/client'
import type { User } from '@uzima/contracts'
import { ERRORS, isErrorCode } from '@uzima/contracts/values'
import type { Session } from './session.js'

/** The client of one person's session. */
export interface Live {
  readonly client: UzimaClient
  /**
   * Ends it when the person has gone. The stock that was kept goes with it: without that person's token nobody may see it.
   * Movements that were not sent stay, until that person signs in again.
   */
  readonly leave: () => Promise<void>
}

/**
 * Makes the client of one person's session and starts it: the next person at this screen begins with nothing of the last
 * one's. Where the server ends the session, the page's session ends.
 */
export const startLive = (home: URL, session: Session, user: User): Live => {
  const store = indexedDbStore()
  const client = createUzimaClient({
    url: home.href,
    getToken: session.getToken,
    userId: user.id,
    store,
    schedule: scheduleDrawing,
  })
  client.connection.subscribe(() => {
    const { phase, code } = client.connection.get()
    if (phase === 'disconnected' && endsSession(code)) session.end({ code })
  })
  void client.start()
  return {
    client,
    leave: async () => {
      await client.stop()
      // Where the browser keeps nothing there is nothing to remove.
      await store.stock.wipe(user.id).catch(() => undefined)
    },
  }
}

/** Authentication is over, as against a connection that is refused for another reason. */
const endsSession = (code: string): boolean =>
  isErrorCode(code) ? ERRORS[code].status === 401 : code === 'SIGNED_OUT'

/** One drawing per frame, also in a hidden tab, where there are no frames. */
const scheduleDrawing = (draw: () => void): void => {
  if (document.hidden) setTimeout(draw, 250)
  else requestAnimationFrame(draw)
}
