import {
  consumptionQuerySchema,
  consumptionSchema,
  movementPageSchema,
  movementQuerySchema,
} from '@uzima/contracts'
import type { Inventory } from '../../inventory/inventory.js'
import type { Routes } from '../app.js'
import { itemParams } from './inventory.js'

/** `GET /api/inventory/{sku}/movements`: who moved what, and why; `GET /api/consumption`: how fast it goes out. */
export const movementRoutes =
  (inventory: Pick<Inventory, 'movements' | 'consumption'>): Routes =>
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

    app.get(
      '/consumption',
      {
        config: { access: 'stock:read' },
        schema: {
          tags: ['inventory'],
          summary: 'What was given out over the last 30 days, of each item that was',
          querystring: consumptionQuerySchema.strict(),
          response: { 200: consumptionSchema },
        },
      },
      ({ query }) => inventory.consumption(query),
    )
  }
