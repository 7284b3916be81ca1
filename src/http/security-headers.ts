import cors from '@fastify/cors'
import helmet from '@fastify/helmet'
import type { FastifyInstance } from 'fastify'
import type { IncomingMessage } from 'node:http'
import type { Config } from '../config/schema.js'

/** Adds the headers that keep other sites out of our pages, and lets the allowed origins call the API. */
export const addSecurityHeaders = async (
  app: FastifyInstance,
  { clientUrls, httpsPort }: Pick<Config, 'clientUrls' | 'httpsPort'>,
): Promise<void> => {
  await app.register(helmet, {
    contentSecurityPolicy: {
      // Not the defaults: `upgrade-insecure-requests` breaks a clinic's server that has no certificate.
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        baseUri: ["'self'"],
        connectSrc: ["'self'", ownWebSocket],
        fontSrc: ["'self'", 'data:'],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
        imgSrc: ["'self'", 'data:'],
        manifestSrc: ["'self'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'", documentStyles],
        workerSrc: ["'self'"],
      },
    },
    frameguard: { action: 'deny' },
    // A browser that may not come by plain HTTP any more never finds the page that explains the certificate, nor the port.
    ...(httpsPort === undefined ? {} : { strictTransportSecurity: false }),
    referrerPolicy: { policy: 'no-referrer' },
  })
  // The server's own origin needs no entry: for a browser that is not another origin.
  await app.register(cors, {
    origin: [...clientUrls],
    // A client with `withCredentials` is refused by its browser without it. It gives nothing away: we set and read no
    // cookie, and it never goes with `*`, which no setting allows.
    credentials: true,
    methods: ['GET', 'HEAD', 'POST', 'PATCH', 'DELETE'],
    allowedHeaders: [
      'Authorization',
      'Content-Type',
      'Idempotency-Key',
      'If-Match',
      'X-Request-Id',
      'traceparent',
      'tracestate',
    ],
    exposedHeaders: [
      'ETag',
      'Location',
      'Retry-After',
      'Server-Timing',
      'WWW-Authenticate',
      'X-Request-Id',
    ],
    maxAge: 600,
    strictPreflight: false,
  })
}

/** The page of the documents sets styles within its elements, and is not ours to change; the dashboard does without. */
const documentStyles = ({ url = '' }: IncomingMessage): string =>
  /^\/docs(?:[/?]|$)/.test(url) ? "'unsafe-inline'" : "'self'"

/** `'self'` does not cover `ws:` in every browser in use. The header is the caller's text, so only a host is taken. */
const ownWebSocket = ({ headers }: IncomingMessage): string => {
  const host = headers.host ?? ''
  return /^[A-Za-z0-9.-]+(:\d+)?$|^\[[0-9a-fA-F:]+\](:\d+)?$/.test(host)
    ? `ws://${host} wss://${host}`
    : "'self'"
}
