import type { Refusal } from '../middleware/socketAuth.js'
import type { Data } from './engine-packet.js'
import type { LeanConnection } from './lean-connection.js'
import type { Door } from './lean-host.js'

export interface DoorDeps {
  /** Looks at an attempt to connect: what to answer, or undefined where it goes on. */
  readonly look: (connection: LeanConnection, auth: unknown) => Refusal | 'closed' | undefined
  /** Has Socket.IO take the connection, which then has so many milliseconds left to authenticate. */
  readonly open: (connection: LeanConnection, leftMs: number) => void
  readonly authenticateWithinMs: number
}

/**
 * Stands before Socket.IO: a token that is refused at a look costs none of its objects, and is answered as it would answer.
 * What is no attempt on the main namespace, and whoever is not refused, is for Socket.IO.
 */
export class FrontDoor implements Door {
  readonly #deps: DoorDeps
  readonly #connection: LeanConnection
  readonly #openedAt = performance.now()
  readonly #deadline: NodeJS.Timeout

  constructor(deps: DoorDeps, connection: LeanConnection) {
    this.#deps = deps
    this.#connection = connection
    this.#deadline = setTimeout(close, deps.authenticateWithinMs, connection)
  }

  turnsAway(data: Data): boolean {
    const auth = authOf(data)
    const refusal = auth && this.#deps.look(this.#connection, auth)
    if (refusal === undefined) {
      this.shut()
      this.#connection.door = undefined
      // Timers of one length share a list in Node: whole seconds only.
      const elapsedMs = Math.floor((performance.now() - this.#openedAt) / 1_000) * 1_000
      this.#deps.open(this.#connection, this.#deps.authenticateWithinMs - elapsedMs)
      return false
    }
    if (refusal === 'closed') this.#connection.close()
    else this.#connection.write(`${CONNECT_ERROR}${JSON.stringify(refusal)}`)
    return true
  }

  shut(): void {
    clearTimeout(this.#deadline)
  }
}

const close = (connection: LeanConnection): void => {
  connection.close()
}

// Packet types of Socket.IO, protocol 5.
const CONNECT = '0'
const CONNECT_ERROR = '4'

/** What CONNECT to the main namespace brings along; undefined for all else, which Socket.IO knows how to answer. */
const authOf = (data: Data): object | undefined => {
  if (typeof data !== 'string' || !data.startsWith(CONNECT)) return undefined
  if (data === CONNECT) return {}
  if (!data.startsWith('{', 1)) return undefined
  try {
    const auth: unknown = JSON.parse(data.slice(1))
    return typeof auth === 'object' && auth !== null ? auth : undefined
  } catch {
    // No JSON.
    return undefined
  }
}
