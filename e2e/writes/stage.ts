import type { Movement } from '@uzima/client'
import type { Random } from '../rig/random.js'
import type { Device } from './device.js'
import type { Tab } from './tab.js'
import type { Person, World } from './world.js'

/** What somebody meant to book: told to the checker, whatever becomes of it. */
export interface Intention {
  /** Its reason, which no other one has. */
  readonly reason: string
  readonly author: Person
  readonly movement: Movement
  /** Whether the device said that it is kept. */
  isKept: boolean
}

/** One run of a schedule, ready to be checked against the database. */
export interface Run {
  readonly device: Device
  readonly people: readonly Person[]
  readonly skus: readonly string[]
  readonly intentions: readonly Intention[]
  /** What happened, in order, for who looks into a failure. */
  readonly story: readonly string[]
}

/** A run under way. */
export interface Stage extends Run {
  readonly world: World
  readonly random: Random
  readonly intentions: Intention[]
  readonly story: string[]
  readonly pending: Promise<unknown>[]
}

export const livingTab = ({ device, random }: Stage): Tab | undefined => {
  const living = device.tabs().filter((tab) => !tab.isDead())
  return living.length === 0 ? undefined : random.pick(living)
}
