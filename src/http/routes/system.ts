import { systemSchema } from '@uzima/contracts'
import type { Presence } from '../../ports/realtime.js'
import type { Routes } from '../app.js'

/** `GET /api/system`: how the nodes are, for the page's pictures. */
export const systemRoutes =
  (presence: Pick<Presence, 'system'>): Routes =>
  (app) => {
    app.get(
      '/system',
      {
        config: { access: 'connections:manage' },
        schema: {
          tags: ['operation'],
          summary: 'Each node by its own word, with its last 15 minutes; names the silent ones',
          response: { 200: systemSchema },
        },
      },
      () => presence.system(),
    )
  }
