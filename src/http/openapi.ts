import swagger, { type SwaggerTransformObject } from '@fastify/swagger'
import * as contracts from '@uzima/contracts'
import type { FastifyInstance, FastifySchema } from 'fastify'
import {
  createJsonSchemaTransform,
  createJsonSchemaTransformObject,
} from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { Access } from '../middleware/http-auth.js'
import { idempotencyHeaders, preconditionHeaders } from './headers.js'
import { nameOperations, prune, type Paths } from './openapi-paths.js'
import { PROBLEM_JSON } from './problem.js'

type Json = Readonly<Record<string, unknown>>
type OpenApiDocument = ReturnType<SwaggerTransformObject>

/**
 * Collects the routes that are added to `app` from now on into an OpenAPI 3.1 document; `app.swagger()` gives it.
 * Schemas come from the routes' validation, names from the contract.
 */
export const addOpenApi = async (app: FastifyInstance): Promise<void> => {
  const schemaRegistry = nameSchemas()
  const toJsonSchema = createJsonSchemaTransform({ schemaRegistry })
  const addComponents = createJsonSchemaTransformObject({ schemaRegistry })

  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Uzima Realtime',
        version: contracts.PROTOCOL_VERSION.toString(),
        description:
          'Stock of a clinic, its users and its log of events. What happens is pushed over Socket.IO: ' +
          '[the events](./docs/events), and asyncapi.json for machines.',
        license: { name: 'MIT', identifier: 'MIT' },
      },
      components: {
        securitySchemes: { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
        schemas: {},
      },
      tags: TAGS.map(([name, description]) => ({ name, description })),
    },
    transform: (route) => {
      const { schema, url } = toJsonSchema(route)
      const access = route.route.config?.access
      return {
        url,
        schema: schema.hide === true ? schema : { ...schema, ...commonOf(schema, access) },
      }
    },
    transformObject: (document) => finish(addComponents(document)),
  })
}

const TAGS = [
  ['auth', 'Logging in and out'],
  ['users', 'Accounts; administrators only'],
  ['inventory', 'Items, their lots and what moves them'],
  ['events', 'The log, as the caller may see it'],
  ['realtime', 'Messages, connections and attempts to connect; administrators only'],
  ['operation', 'Health and metrics'],
] as const

/** What every route answers beside what it says itself. */
const commonOf = (schema: FastifySchema, access: Access | undefined): FastifySchema => ({
  ...(access === undefined || access === 'public' ? {} : { security: [{ bearer: [] }] }),
  ...(access === undefined || access === 'public' || access === 'authenticated'
    ? {}
    : { description: `For ${contracts.PERMISSIONS[access].join(', ')}.` }),
  response: {
    ...(schema.response as Json | undefined),
    default: {
      description: 'An error',
      content: { [PROBLEM_JSON]: { schema: { $ref: '#/components/schemas/Problem' } } },
    },
  },
})

/** Every object of the contract that the API takes or gives, by the name of its type. */
const nameSchemas = () => {
  const registry = z.registry<{ id?: string; description?: string | undefined }>()
  for (const { shape } of [idempotencyHeaders, preconditionHeaders]) {
    for (const header of Object.values(shape)) {
      registry.add(header, { description: header.description })
    }
  }
  const suffix = 'Schema'
  for (const [name, value] of Object.entries(contracts)) {
    if (!name.endsWith(suffix) || !(value instanceof z.ZodObject)) continue
    const id = name.slice(0, -suffix.length)
    registry.add(value, { id: id.charAt(0).toUpperCase() + id.slice(1) })
  }
  return registry
}

/** The document without the schemas that no route leads to, and with the names that generators of clients ask for. */
const finish = (document: OpenApiDocument): OpenApiDocument => {
  if (!('paths' in document && 'components' in document)) return document
  const paths = nameOperations(document.paths as Paths)
  // The members are those that the document had.
  return {
    ...document,
    // From the document's own address: there may be a prefix in front that only a proxy knows. Not among the plugin's
    // options, which take whole addresses only.
    servers: [{ url: '../', description: 'This server' }],
    paths,
    components: prune(paths, document.components),
  } as OpenApiDocument
}
