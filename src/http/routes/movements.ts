import { movementPageSchema, movementQuerySchema } from '@uzima/contracts'
import type { Inventory } from '../../inventory/inventory.js'
import type { Routes } from '../app.js'
import { itemParams } from './inventory.js'

/** `GET /api/inventory/{sku}/movements`: who moved what, and why. */
export const movementRoutes =
  (inventory: Pick<Inventory, 'movements'>): Routes =>
  (app) => {
    app.get(
      '/inventory/:sku/movements',
      {
        config: { access: 'stock:read', isPage: true },
        schema: {
          tags: ['inventory'],
          summary: 'The history of an item, newest first',
          params: itemParams,
          querystring: movementQuerySchema.strict(),
          response: { 200: movementPageSchema },
        },
      },
      (request) => inventory.movements(request.params.sku, request.query),
    )
  }
