import type { Position } from '@uzima/contracts'
import { io, type ManagerOptions, type Socket, type SocketOptions } from 'socket.io-client'

/** A stock client that does the one thing the protocol asks of it: it sends the position that it has applied. */
export interface Follower {
  readonly socket: Socket
  /** Numbers of what was applied, in the order of arrival. */
  readonly seqs: number[]
  readonly resets: string[]
  readonly closings: { readonly code: string; readonly retryAfterMs?: number }[]
  /** Milliseconds from each loss of the connection to the next `connected`. */
  readonly gapsMs: number[]
  readonly connects: () => number
  /** Why attempts to connect failed. */
  readonly failures: string[]
  /** Attempts to connect, the successful ones included. */
  readonly attempts: () => number
  /** Milliseconds from commit (by the clock of the database, here the same) to arrival. */
  readonly latenciesMs: number[]
}

/** Follows the stock from `url` with the defaults of socket.io-client, but over WebSocket; `more` changes that. */
export const follow = (
  url: string,
  token: string,
  from?: Position,
  more: Partial<ManagerOptions & SocketOptions> = {},
): Follower => {
  let position = from
  let lostAt: number | undefined
  let connects = 0
  let attempts = 1
  const socket = io(url, {
    forceNew: true,
    transports: ['websocket'],
    auth: (answer) => {
      answer({ token, ...(position === undefined ? {} : { position }) })
    },
    ...more,
  })
  const follower: Follower = {
    socket,
    seqs: [],
    resets: [],
    closings: [],
    gapsMs: [],
    latenciesMs: [],
    failures: [],
    connects: () => connects,
    attempts: () => attempts,
  }
  socket.on('connected', (data: { position: Position }) => {
    connects += 1
    if (lostAt !== undefined) follower.gapsMs.push(performance.now() - lostAt)
    lostAt = undefined
    // Where a replay follows it begins here; else this is the head, and everything after it is sent.
    position = data.position
  })
  socket.on('log:reset', (data: { position: Position; reason: string }) => {
    follower.resets.push(data.reason)
    position = data.position
  })
  const applied = ({ seq, timestamp }: { seq: number; timestamp: string }): void => {
    follower.seqs.push(seq)
    follower.latenciesMs.push(Date.now() - Date.parse(timestamp))
    if (position !== undefined) position = { epoch: position.epoch, seq }
  }
  socket.on('inventory:update', applied)
  socket.on('inventory:lowStock', applied)
  socket.on('alert:raised', applied)
  socket.on('alert:changed', applied)
  socket.on('session:closing', (notice: Follower['closings'][number]) => {
    follower.closings.push(notice)
  })
  socket.on('connect_error', ({ message }) => {
    follower.failures.push(message)
  })
  socket.io.on('reconnect_attempt', () => {
    attempts += 1
  })
  socket.on('disconnect', () => {
    lostAt ??= performance.now()
  })
  return follower
}
