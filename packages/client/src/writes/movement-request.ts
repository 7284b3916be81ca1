import type { Movement, MovementChanges, WriteRequest } from './types.js'

/** What goes out for a movement. Made once, when the movement is kept. */
export const requestOf = (movement: Movement): WriteRequest => {
  const { kind, sku, ...body } = movement
  return {
    path: `/api/inventory/${encodeURIComponent(sku)}/${ROUTES[kind]}`,
    body: JSON.stringify(body),
  }
}

/** The movement with what differs now. A change of what it has not (`expected` of a consumption) is the server's to refuse. */
export const changedMovement = (movement: Movement, changes: MovementChanges): Movement => ({
  ...movement,
  ...changes,
})

const ROUTES: Readonly<Record<Movement['kind'], string>> = {
  receive: 'lots',
  consume: 'consume',
  count: 'adjust',
  dispose: 'dispose',
}
