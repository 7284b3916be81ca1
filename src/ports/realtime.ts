import type { ConnectionsPage, JsonObject, System } from '@uzima/contracts'

/** Sends what is not in the log, over all nodes: at most once, and not while this node is cut off. */
export interface Publisher {
  /** To every signed-in socket. Throws `EVENT_NAME_RESERVED`, `AUTH_STALE`. */
  readonly sendToAll: (event: string, data: JsonObject) => void
  /** To every socket of one user. */
  readonly sendToUser: (userId: string, event: string, data: JsonObject) => void
  /** To every socket whose user has the role now. */
  readonly sendToRole: (role: string, event: string, data: JsonObject) => void
  /** To every socket whose user has one of the roles now, once. */
  readonly sendToRoles: (roles: readonly string[], event: string, data: JsonObject) => void
  /** To every socket in a room, `user_{userId}` and `role_{role}` among them. */
  readonly broadcastToRoom: (room: string, event: string, data: JsonObject) => void
}

/** Who is connected, and how the nodes are. Never throws; names the nodes that did not answer in time. */
export interface Presence {
  readonly connections: () => Promise<ConnectionsPage>
  /** Ends a connection wherever it is; false where no node that answered has it. */
  readonly disconnect: (socketId: string) => Promise<boolean>
  /** How each node is, by its own word. */
  readonly system: () => Promise<System>
}
