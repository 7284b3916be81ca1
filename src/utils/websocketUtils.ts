import type { Connection, JsonObject } from '@uzima/contracts'
import { boundRealtime } from '../services/realtime.service.js'

export { roleRoom, userRoom } from '../realtime/rooms.js'

/** A user with the number of sockets that he has open, over all nodes. */
export interface ConnectedUser {
  readonly userId: string
  readonly username: string
  readonly role: string
  readonly connections: number
}

/** Counts over all nodes; `missingNodes` did not answer within 500 ms and are not counted. */
export interface ConnectionCounts {
  readonly connections: number
  readonly users: number
  readonly byRole: Readonly<Record<string, number>>
  readonly missingNodes: readonly string[]
}

/** All open connections, over all nodes that answer within 500 ms. */
export const getConnections = async (): Promise<readonly Connection[]> =>
  (await boundRealtime().presence.connections()).connections

/** Who is connected, over all nodes, each user once. */
export const getConnectedUsers = async (): Promise<ConnectedUser[]> =>
  usersOf(await getConnections())

/** Whether the user has at least one socket open on any node. */
export const isUserConnected = async (userId: string): Promise<boolean> =>
  (await getConnections()).some((connection) => connection.userId === userId)

/** How many sockets and users there are, over all nodes. */
export const getConnectionCounts = async (): Promise<ConnectionCounts> => {
  const { connections, missingNodes } = await boundRealtime().presence.connections()
  const byRole: Record<string, number> = {}
  for (const { role } of connections) byRole[role] = (byRole[role] ?? 0) + 1
  return {
    connections: connections.length,
    users: usersOf(connections).length,
    byRole,
    missingNodes,
  }
}

/** Sends `event` to the sockets of several users, on all nodes. */
export const sendToUsers = (userIds: readonly string[], event: string, data: JsonObject): void => {
  for (const userId of new Set(userIds)) boundRealtime().publisher.sendToUser(userId, event, data)
}

/** Sends `event` to everybody who has one of `roles` now, on all nodes; once, whatever he has of them. */
export const sendToRoles = (roles: readonly string[], event: string, data: JsonObject): void => {
  boundRealtime().publisher.sendToRoles(roles, event, data)
}

const usersOf = (connections: readonly Connection[]): ConnectedUser[] => {
  const usersById = new Map<string, ConnectedUser>()
  for (const { userId, username, role } of connections) {
    const count = usersById.get(userId)?.connections ?? 0
    usersById.set(userId, { userId, username, role, connections: count + 1 })
  }
  return [...usersById.values()]
}
