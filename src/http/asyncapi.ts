import {
  CLIENT_EVENTS,
  handshakeAuthSchema,
  PROTOCOL_VERSION,
  SERVER_EVENTS,
} from '@uzima/contracts'
import { z } from 'zod'

type Json = Record<string, unknown>

/** One sentence for each event that the server sends. */
const SUMMARIES: Readonly<Record<keyof typeof SERVER_EVENTS, string>> = {
  connected: 'The first event of a socket: who it is, until when, and where its events begin.',
  'inventory:update': 'An item changed; carries the item as committed.',
  'inventory:lowStock': 'An item fell to or below its threshold; sent once for each crossing.',
  'inventory:digest': 'What the database says its stock is, to compare a view with.',
  'alert:raised': 'Somebody has to act: an item is low or out, or a lot expires or has expired.',
  'alert:changed': 'An alert was seen, acknowledged, escalated or resolved; carries all of it.',
  'break_glass:opened':
    'Somebody took a role in an emergency; for administrators, with the reason that was given.',
  'break_glass:reviewed': 'Somebody else has closed the review of such a role.',
  'log:reset': 'Events are not replayed: read the snapshot, then go on from the position.',
  'auth:expiring': 'The token ends soon; send auth:refresh with a new one.',
  'session:role': 'The role of the user changed; the socket stays.',
  'session:closing': 'The server closes the socket next, and says why.',
}

/** One sentence for each event that a client may send. */
const CLIENT_SUMMARIES: Readonly<Record<keyof typeof CLIENT_EVENTS, string>> = {
  'auth:refresh':
    'Replaces the token of the session; the acknowledgement tells whether it was taken.',
  'inventory:diverged': 'Says that the view of the client has another digest than was told.',
  'alert:seen': 'Puts on record that the user has seen an alert; the first time counts.',
  applied: 'Says up to where the client has applied what it was sent; at most every 5 s.',
}

/** An event, or what one is acknowledged with, as the documents tell it. */
export interface DescribedMessage {
  readonly name: string
  readonly id: string
  readonly summary: string
  readonly payload: Json
}

/** What the server sends, and what a client may send, from the contract's schemas. */
export const describeEvents = (): Readonly<
  Record<'server' | 'client', readonly DescribedMessage[]>
> => ({
  server: Object.entries(SERVER_EVENTS).map(([name, schema]) => ({
    name,
    id: idOf(name),
    summary: SUMMARIES[name as keyof typeof SERVER_EVENTS],
    payload: jsonSchema(schema, 'output'),
  })),
  client: Object.entries(CLIENT_EVENTS).flatMap(([name, { payload, ack }]) => [
    {
      name,
      id: idOf(name),
      summary: CLIENT_SUMMARIES[name as keyof typeof CLIENT_EVENTS],
      payload: jsonSchema(payload, 'input'),
    },
    {
      name: `${name} (acknowledgement)`,
      id: `${idOf(name)}Result`,
      summary: `What ${name} is acknowledged with.`,
      payload: jsonSchema(ack, 'output'),
    },
  ]),
})

/**
 * The Socket.IO interface as an AsyncAPI 3.0 document, made from the contract's schemas.
 *
 * @param host host and port under which the caller reached us
 */
export const asyncApiDocument = (host: string): Json => {
  const { server, client } = describeEvents()
  const messages = [...server, ...client]

  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Uzima Realtime',
      version: `${PROTOCOL_VERSION.toString()}.0.0`,
      description: DESCRIPTION,
      license: { name: 'MIT' },
    },
    defaultContentType: 'application/json',
    servers: {
      this: {
        host,
        pathname: '/socket.io/',
        protocol: 'ws',
        description: 'Socket.IO 4, default namespace; wss behind TLS.',
        security: [{ $ref: '#/components/securitySchemes/token' }],
      },
    },
    channels: {
      main: {
        address: '/',
        description:
          'The default namespace. Sockets are in the rooms user_{userId} and role_{role}.',
        messages: Object.fromEntries(
          messages.map(({ id }) => [id, { $ref: `#/components/messages/${id}` }]),
        ),
      },
    },
    operations: {
      receiveEvents: {
        action: 'send',
        summary: 'What the server sends.',
        channel: { $ref: '#/channels/main' },
        messages: server.map(({ id }) => ({ $ref: `#/channels/main/messages/${id}` })),
      },
      ...Object.fromEntries(
        Object.keys(CLIENT_EVENTS).map((name) => [idOf(name), operationOf(name)]),
      ),
    },
    components: {
      messages: Object.fromEntries(
        messages.map(({ id, name, summary, payload }) => [id, { name, summary, payload }]),
      ),
      schemas: { HandshakeAuth: jsonSchema(handshakeAuthSchema, 'input') },
      securitySchemes: {
        token: {
          type: 'http',
          scheme: 'bearer',
          bearerFormat: 'JWT',
          description: 'As `auth.token` of the handshake, or as the Authorization header.',
        },
      },
    },
  }
}

const DESCRIPTION =
  'Live stock over Socket.IO. The handshake carries `auth` as in #/components/schemas/HandshakeAuth: the token, and ' +
  'the position up to which the client has seen the log. A refusal is a connect_error with data { code, retryable, ' +
  'needsNewToken?, retryAfterMs? }. Back ends may send further events by POST /api/messages.'

const operationOf = (name: string): Json => ({
  action: 'receive',
  summary: `What a client sends as ${name}.`,
  channel: { $ref: '#/channels/main' },
  messages: [{ $ref: `#/channels/main/messages/${idOf(name)}` }],
  reply: {
    channel: { $ref: '#/channels/main' },
    messages: [{ $ref: `#/channels/main/messages/${idOf(name)}Result` }],
  },
})

/** `inventory:lowStock` as a key of the document: `inventoryLowStock`. */
const idOf = (event: string): string =>
  event.replace(/:(.)/g, (_match, letter: string) => letter.toUpperCase())

/** AsyncAPI's own schema format is a superset of JSON Schema draft 7. */
const jsonSchema = (schema: z.ZodType, io: 'input' | 'output'): Json => {
  const json: Json = z.toJSONSchema(schema, { io, target: 'draft-7' })
  delete json['$schema']
  return json
}
