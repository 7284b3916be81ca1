import type { Dialect } from '../load/dialect.js'
import { createFleet, type Fleet } from '../load/fleet.js'
import type { World } from '../world.js'

/** A server that can be measured. */
export interface Subject {
  /** How tables and charts call it. */
  readonly title: string
  /** What it does with whoever connects. */
  readonly checks: string
  readonly start: (world: World) => Promise<Running>
}

export const SUBJECT_NAMES = [
  'uzima',
  'socket.io',
  'seed',
  'ws',
  'nestjs',
  'socketcluster',
  'centrifugo',
  'tcp',
  'write',
] as const
export type SubjectName = (typeof SUBJECT_NAMES)[number]

/** A subject that listens. */
export interface Running extends AsyncDisposable {
  readonly name: SubjectName
  readonly pid: number
  readonly port: number
  readonly dialect: Dialect
  /** Users that it knows. */
  readonly userIds: readonly string[]
  /** Makes it send so many events to everybody at once; resolves when it has taken the order. */
  readonly emit: (count: number) => Promise<void>
}

/** About an `inventory:update` of an item without lots, so that all of them send as much. */
export const EVENT_BYTES = 300

/** Greetings of the users of a subject, each with a new token. */
export const greetingsOf = (world: World, { dialect, userIds }: Running): Buffer[] =>
  userIds.map((userId) => dialect.greetingFor(world.tokenFor(userId)))

/** Clients of a subject. */
export const fleetOf = ({ port, dialect }: Running): Fleet => createFleet(port, dialect)
