import {
  acknowledgeAlertSchema,
  alertIdSchema,
  alertSchema,
  alertsPageSchema,
  alertsQuerySchema,
} from '@uzima/contracts'
import { z } from 'zod'
import type { Alerts } from '../../inventory/alerts.js'
import { principalOf } from '../../middleware/http-auth.js'
import type { Routes } from '../app.js'

/** `/api/alerts`: what somebody has to act on, as far as the caller may see it. */
export const alertRoutes =
  (alerts: Pick<Alerts, 'list' | 'acknowledge'>): Routes =>
  (app) => {
    const tags = ['inventory']

    app.get(
      '/alerts',
      {
        config: { access: 'stock:read', isPage: true },
        schema: {
          tags,
          summary: 'Alerts as of one moment, the newest first, with its position in the log',
          querystring: alertsQuerySchema.strict(),
          response: { 200: alertsPageSchema },
        },
      },
      (request) => alerts.list({ userId: principalOf(request).user.id }, request.query),
    )

    app.post(
      '/alerts/:id/acknowledge',
      {
        // Who cannot move stock cannot act on it either.
        config: { access: 'stock:move' },
        schema: {
          tags,
          summary: 'Say that you act on an alert; the first one stays',
          params: z.object({ id: alertIdSchema }),
          body: acknowledgeAlertSchema.nullish(),
          response: { 200: alertSchema },
        },
      },
      (request) =>
        alerts.acknowledge(
          { userId: principalOf(request).user.id },
          request.params.id,
          request.body ?? {},
        ),
    )
  }
