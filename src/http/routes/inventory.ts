import {
  addLotSchema,
  adjustSchema,
  consumeResultSchema,
  consumeSchema,
  createItemSchema,
  disposeSchema,
  existingSkuSchema,
  inventoryPageSchema,
  inventoryQuerySchema,
  itemSchema,
  updateItemSchema,
  type Item,
} from '@uzima/contracts'
import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import {
  commandOf,
  etagOf,
  idempotencyHeaders,
  preconditionHeaders,
  wantedVersions,
} from '../headers.js'
import type { Inventory } from '../../inventory/inventory.js'
import { changeKeys } from '../../observability/journeys.js'
import type { Routes } from '../app.js'

/** The path of an item. */
export const itemParams = z.object({ sku: existingSkuSchema })

const changedItem = (_request: FastifyRequest, answer: unknown): string => {
  const { item } = answer as { readonly item?: Item }
  return changeKeys.item(item ?? (answer as Item))
}

const archivedItem = ({ params }: FastifyRequest): string =>
  changeKeys.archived((params as z.infer<typeof itemParams>).sku)

/** `/api/inventory`: items and what moves them; each answer with an item carries its ETag. */
export const inventoryRoutes =
  (inventory: Inventory): Routes =>
  (app) => {
    const tags = ['inventory']
    const mayRead = { access: 'stock:read' } as const
    const mayMove = { access: 'stock:move', isTogether: true, changes: changedItem } as const
    const mayWrite = { access: 'items:write', changes: changedItem } as const

    app.get(
      '/inventory',
      {
        config: { ...mayRead, isPage: true },
        schema: {
          tags,
          summary: 'A page of items as of one moment, with its position in the log',
          querystring: inventoryQuerySchema.strict(),
          response: { 200: inventoryPageSchema },
        },
      },
      ({ query }) => inventory.list(query),
    )

    app.post(
      '/inventory',
      {
        config: mayWrite,
        schema: {
          tags,
          summary: 'Make an item',
          headers: idempotencyHeaders,
          body: createItemSchema,
          response: { 201: itemSchema },
        },
      },
      async (request, reply) => {
        const item = await inventory.create(commandOf(request), request.body)
        return reply
          .code(201)
          .header('location', `inventory/${encodeURIComponent(item.sku)}`)
          .header('etag', etagOf(item))
          .send(item)
      },
    )

    app.get(
      '/inventory/:sku',
      {
        config: mayRead,
        schema: { tags, summary: 'An item', params: itemParams, response: { 200: itemSchema } },
      },
      async (request, reply) => {
        const item = await inventory.get(request.params.sku)
        return reply.header('etag', etagOf(item)).send(item)
      },
    )

    app.patch(
      '/inventory/:sku',
      {
        config: mayWrite,
        schema: {
          tags,
          summary: 'Change name, category, unit, threshold or metadata',
          headers: preconditionHeaders,
          params: itemParams,
          body: updateItemSchema,
          response: { 200: itemSchema },
        },
      },
      async (request, reply) => {
        const { sku } = request.params
        const versions = wantedVersions(request.headers['if-match'])
        const item = await inventory.update(commandOf(request), sku, request.body, versions)
        return reply.header('etag', etagOf(item)).send(item)
      },
    )

    app.delete(
      '/inventory/:sku',
      {
        config: { ...mayWrite, changes: archivedItem },
        schema: {
          tags,
          summary: 'Archive an item; its history stays',
          params: itemParams,
          response: { 204: z.undefined() },
        },
      },
      async (request, reply) => {
        await inventory.archive(commandOf(request), request.params.sku)
        return reply.code(204).send()
      },
    )

    app.post(
      '/inventory/:sku/lots',
      {
        config: mayMove,
        schema: {
          tags,
          summary: 'Receive stock; an existing lot grows',
          headers: idempotencyHeaders,
          params: itemParams,
          body: addLotSchema,
          response: { 201: itemSchema },
        },
      },
      async (request, reply) => {
        const item = await inventory.addLot(commandOf(request), request.params.sku, request.body)
        return reply.code(201).header('etag', etagOf(item)).send(item)
      },
    )

    app.post(
      '/inventory/:sku/consume',
      {
        config: mayMove,
        schema: {
          tags,
          summary: 'Give out stock, earliest expiry first; all or nothing',
          headers: idempotencyHeaders,
          params: itemParams,
          body: consumeSchema,
          response: { 200: consumeResultSchema },
        },
      },
      async (request, reply) => {
        const result = await inventory.consume(commandOf(request), request.params.sku, request.body)
        return reply.header('etag', etagOf(result.item)).send(result)
      },
    )

    app.post(
      '/inventory/:sku/adjust',
      {
        config: mayMove,
        schema: {
          tags,
          summary: 'Set the quantity of a lot to what was counted',
          headers: idempotencyHeaders,
          params: itemParams,
          body: adjustSchema,
          response: { 200: itemSchema },
        },
      },
      async (request, reply) => {
        const item = await inventory.adjust(commandOf(request), request.params.sku, request.body)
        return reply.header('etag', etagOf(item)).send(item)
      },
    )

    app.post(
      '/inventory/:sku/dispose',
      {
        config: mayMove,
        schema: {
          tags,
          summary: 'Write off units of a lot: expired, broken or lost',
          headers: idempotencyHeaders,
          params: itemParams,
          body: disposeSchema,
          response: { 200: itemSchema },
        },
      },
      async (request, reply) => {
        const item = await inventory.dispose(commandOf(request), request.params.sku, request.body)
        return reply.header('etag', etagOf(item)).send(item)
      },
    )
  }
