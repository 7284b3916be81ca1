import type { Position } from '@uzima/contracts'

/** Whether `position` does not have all that `minimum` has. */
export const isOlder = (position: Position, minimum: Position): boolean =>
  position.epoch !== minimum.epoch || position.seq < minimum.seq
