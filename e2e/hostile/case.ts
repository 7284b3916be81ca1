/** One thing that a stranger does to the server on a TCP connection of its own, and what must come of it. */
export interface HostileCase {
  /** The class that it belongs to, for the report. */
  readonly kind: string
  /** Written first: an HTTP request or an upgrade, however broken. */
  readonly request: string | Buffer
  /** Sent once engine.io has opened, each after the answers to those before it. */
  readonly packets?: readonly (string | Buffer)[]
  /** Handshakes of Socket.IO among the packets: each is answered once, and leaves one row in the connection log. */
  readonly attempts?: number
  /** The request itself is refused for its origin, and leaves a row for that. */
  readonly isOriginRefused?: boolean
  /** The connection is reset after so many bytes of the request. */
  readonly resetAfter?: number
  /** The stranger hangs up himself, because the server has to wait for what he announced. */
  readonly hangsUp?: boolean
}

/** What the corpus is made of. */
export interface CorpusWorld {
  readonly url: string
  readonly secret: string
  /** The server's public key, as PEM: anybody may have it. */
  readonly publicKey: string
  /** An active user, so that nothing but the token can be the reason of a refusal. */
  readonly userId: string
  /** A token of this user that would be accepted, for what must be refused in spite of it. */
  readonly validToken: string
}
