import {
  attemptsPageSchema,
  attemptsQuerySchema,
  type AttemptsPage,
  type AttemptsQuery,
} from '@uzima/contracts'
import type { Routes } from '../app.js'

/** The connection log, newest first. */
export type ListAttempts = (query: AttemptsQuery) => Promise<AttemptsPage>

/** `GET /api/connection-attempts`: every attempt to connect, refused or not, and every close. */
export const connectionAttemptRoutes =
  (listAttempts: ListAttempts): Routes =>
  (app) => {
    app.get(
      '/connection-attempts',
      {
        config: { access: 'connections:manage', isPage: true },
        schema: {
          tags: ['realtime'],
          summary: 'The connection log, newest first',
          querystring: attemptsQuerySchema.strict(),
          response: { 200: attemptsPageSchema },
        },
      },
      ({ query }) => listAttempts(query),
    )
  }
