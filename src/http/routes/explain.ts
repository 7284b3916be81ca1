import {
  explainQuerySchema,
  explanationSchema,
  seenQuerySchema,
  seenRowSchema,
  viewerRowSchema,
  viewersQuerySchema,
  type Explanation,
  type ExplainQuery,
  type SeenQuery,
  type ViewersQuery,
} from '@uzima/contracts'
import type { FastifyReply } from 'fastify'
import { Readable } from 'node:stream'
import { z } from 'zod'
import type { AuditDocument } from '../../explain/document.js'
import type { Routes } from '../app.js'

/** Who could see what, from records. */
export interface ExplainDeps {
  readonly explain: (query: ExplainQuery) => Promise<Explanation>
  readonly seen: (query: SeenQuery) => Promise<AuditDocument>
  readonly viewers: (query: ViewersQuery) => AuditDocument | Promise<AuditDocument>
}

/**
 * `GET /api/explain`: what became of one entry for one user; `GET /api/audit/seen` and `/viewers`: all of it, as long as it is, with
 * the SHA-256 of its bytes as the trailer `Repr-Digest` (RFC 9530). An answer that ends without the trailer is not whole.
 */
export const explainRoutes =
  (deps: ExplainDeps): Routes =>
  (app) => {
    app.get(
      '/explain',
      {
        config: { access: 'connections:manage' },
        schema: {
          tags: ['realtime'],
          summary: 'Whether a user could see an entry of the log, and what became of it',
          querystring: explainQuerySchema.strict(),
          response: { 200: explanationSchema },
        },
      },
      ({ query }) => deps.explain(query),
    )

    app.get(
      '/audit/seen',
      {
        config: { access: 'connections:manage', isPage: true },
        exposeHeadRoute: false,
        schema: {
          tags: ['realtime'],
          summary: 'Everything that a user could see between two moments, and what was sent',
          querystring: seenQuerySchema.strict(),
          response: documented(
            z.object({
              userId: z.string(),
              username: z.string().nullable(),
              from: z.string(),
              to: z.string(),
              rows: z.array(seenRowSchema),
            }),
          ),
        },
      },
      async ({ query }, reply) => send(reply, await deps.seen(query)),
    )

    app.get(
      '/audit/viewers',
      {
        config: { access: 'connections:manage', isPage: true },
        exposeHeadRoute: false,
        schema: {
          tags: ['realtime'],
          summary: 'Everybody who could see an item between two moments, and what was sent to them',
          querystring: viewersQuerySchema.strict(),
          response: documented(
            z.object({
              sku: z.string(),
              from: z.string(),
              to: z.string(),
              rows: z.array(viewerRowSchema),
            }),
          ),
        },
      },
      async ({ query }, reply) => send(reply, await deps.viewers(query)),
    )
  }

const documented = <T extends z.ZodType>(json: T) => ({
  200: {
    content: { 'application/json': { schema: json }, 'text/csv': { schema: z.string() } },
  },
})

const send = (
  reply: FastifyReply,
  { contentType, pieces, digest }: AuditDocument,
): FastifyReply => {
  reply.trailer(DIGEST_TRAILER, (_reply, _payload, done) => {
    done(null, `sha-256=:${digest().toString('base64')}:`)
  })
  return reply.header('cache-control', 'no-store').type(contentType).send(Readable.from(pieces))
}

const DIGEST_TRAILER = 'repr-digest'
