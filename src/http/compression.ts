import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { pipeline, Readable } from 'node:stream'
import {
  brotliCompress,
  constants,
  createBrotliCompress,
  createGzip,
  gzip,
  type BrotliOptions,
  type ZlibOptions,
} from 'node:zlib'

/** Shorter answers fit into one packet of the network either way. */
const MIN_BYTES = 1_024
/**
 * Beyond these, a page of 500 items gets no smaller than it gets dearer: 320 kB are 35 kB in 1.5 ms (brotli 4) or 40 kB in
 * 1.6 ms (gzip 5), where making the text takes 1 ms; gzip 9 would take 8 ms for 37 kB.
 */
const BROTLI: BrotliOptions = { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } }
const GZIP: ZlibOptions = { level: 5 }

type Coding = 'br' | 'gzip'

/**
 * Packs answers to GET and HEAD as the caller takes them: brotli or gzip, texts of 1 kB and more, whole ones on zlib's own
 * threads. The entity tag becomes weak with it; `If-Match` takes it back as it came. What is packed already or a part of
 * something stays as it is. So does all below `/api/auth`: what it answers has secrets in it, and the length of a packed
 * text tells of what is in it (BREACH).
 */
export const addCompression = (app: FastifyInstance): void => {
  app.addHook('onSend', (request, reply, payload, done) => {
    if (!isPackable(request, reply)) {
      done(null, payload)
      return
    }
    addVary(reply)
    const coding = codingFor(request.headers['accept-encoding'])
    if (coding === undefined || sizeOf(reply, payload) < MIN_BYTES) {
      done(null, payload)
      return
    }
    if (payload instanceof Readable) {
      markPacked(reply, coding)
      const packed = coding === 'br' ? createBrotliCompress(BROTLI) : createGzip(GZIP)
      // Fastify hears of the end, good or bad, from what it is given.
      done(
        null,
        pipeline(payload, packed, () => undefined),
      )
      return
    }
    const whenPacked = (error: Error | null, packed: Buffer): void => {
      if (error !== null) {
        done(error)
        return
      }
      markPacked(reply, coding)
      done(null, packed)
    }
    const whole = payload as string | Buffer
    if (coding === 'br') brotliCompress(whole, BROTLI, whenPacked)
    else gzip(whole, GZIP, whenPacked)
  })
}

const isPackable = (request: FastifyRequest, reply: FastifyReply): boolean =>
  (request.method === 'GET' || request.method === 'HEAD') &&
  reply.statusCode === 200 &&
  !reply.hasHeader('content-encoding') &&
  // It is of the bytes as they are sent (RFC 9530), and whoever saves them wants to compare.
  !reply.hasTrailer('repr-digest') &&
  PACKABLE_TYPE.test(String(reply.getHeader('content-type') ?? '')) &&
  request.routeOptions.url?.startsWith('/api/auth/') !== true

const PACKABLE_TYPE = /^(?:text\/|image\/svg\+xml|application\/(?:javascript|(?:[\w.-]+\+)?json))/

/** Bytes of the answer as far as that is known; a stream without an end in sight is long. */
const sizeOf = (reply: FastifyReply, payload: unknown): number => {
  if (typeof payload === 'string' || Buffer.isBuffer(payload)) return Buffer.byteLength(payload)
  if (!(payload instanceof Readable)) return 0
  return Number(reply.getHeader('content-length') ?? Number.POSITIVE_INFINITY)
}

const markPacked = (reply: FastifyReply, coding: Coding): void => {
  void reply.header('content-encoding', coding).removeHeader('content-length')
  // A part of what is packed anew each time is a part of nothing.
  void reply.removeHeader('accept-ranges')
  const tag = reply.getHeader('etag')
  // RFC 9110 section 8.8.3.3: a strong tag would promise the same bytes.
  if (typeof tag === 'string' && tag.startsWith('"')) void reply.header('etag', `W/${tag}`)
}

/** Also where nothing is packed: a cache in between must not hand on to one what another could read. */
const addVary = (reply: FastifyReply): void => {
  const named = [reply.getHeader('vary') ?? []].flat().map(String)
  if (/\baccept-encoding\b|\*/i.test(named.join())) return
  void reply.header('vary', [...named, 'Accept-Encoding'].join(', '))
}

/** The coding that `Accept-Encoding` prefers; brotli where it does not care. @see RFC 9110 section 12.5.3 */
const codingFor = (header: string | readonly string[] = ''): Coding | undefined => {
  const weights = new Map(
    String(header)
      .toLowerCase()
      .split(',')
      .map((part) => {
        const [name = '', ...parameters] = part.split(';').map((text) => text.trim())
        const weight = parameters.find((text) => text.startsWith('q='))
        return [name, weight === undefined ? 1 : Number(weight.slice(2))]
      }),
  )
  const weightOf = (coding: Coding): number => weights.get(coding) ?? weights.get('*') ?? 0
  if (weightOf('br') > 0 && !(weightOf('gzip') > weightOf('br'))) return 'br'
  return weightOf('gzip') > 0 ? 'gzip' : undefined
}
