import type { EventHandler } from './dispatch.js'
import type { Session } from './session.js'

/** What more a service does for each session than the hub itself. */
export interface Feature {
  /** By event: takes what the client sent, and gives what is acknowledged beside `ok`, or throws an `AppError`. */
  readonly handlers?: Readonly<Record<string, EventHandler>>
  /** Called when everything that a session missed has been sent. */
  readonly onLive?: (session: Session) => void
  /** Called once, when the session ends and nothing of its connection has been touched yet, with what it ended with. */
  readonly onClosed?: (session: Session, code: string) => void
}
