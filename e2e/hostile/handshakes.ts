import { upgradeRequest } from '../../test/support/websocket-wire.js'
import type { Random } from '../rig/random.js'
import type { CorpusWorld, HostileCase } from './case.js'
import { forgedTokens } from './tokens.js'

/** Attempts that one connection may make. */
const ATTEMPTS_PER_CONNECTION = 3

/** What reaches the authentication and must be refused there. */
export const hostileHandshakes = (world: CorpusWorld, random: Random): HostileCase[] => {
  const tokens = forgedTokens(world, random)
  return [
    ...byThree(
      world,
      'forged token in auth',
      tokens.map((token) => JSON.stringify({ token })),
    ),
    ...inTheRequest(world, tokens, random),
    ...conflicts(world, tokens, random),
    ...byThree(world, 'shape of auth', shapes(world, random)),
    ...invalidShapes(world),
  ]
}

const byThree = (world: CorpusWorld, kind: string, bodies: readonly string[]): HostileCase[] => {
  const cases: HostileCase[] = []
  for (let at = 0; at < bodies.length; at += ATTEMPTS_PER_CONNECTION) {
    const packets = bodies.slice(at, at + ATTEMPTS_PER_CONNECTION).map((body) => `40${body}`)
    cases.push({ kind, request: upgradeRequest(world.url), packets, attempts: packets.length })
  }
  return cases
}

/** Tokens that a header or an address can carry, each by both. */
const inTheRequest = (
  world: CorpusWorld,
  tokens: readonly unknown[],
  random: Random,
): HostileCase[] => {
  const texts = tokens.filter((token) => isHeaderText(token))
  return random
    .shuffled(texts)
    .slice(0, 300)
    .flatMap((token) => [
      {
        kind: 'forged token in the header',
        request: upgradeRequest(world.url, { headers: [`Authorization: Bearer ${token}`] }),
        packets: ['40'],
        attempts: 1,
      },
      {
        kind: 'forged token in the query',
        request: upgradeRequest(world.url, { query: queryWith(token) }),
        packets: ['40'],
        attempts: 1,
      },
    ])
}

const isHeaderText = (token: unknown): token is string =>
  typeof token === 'string' && token.length < 4_000 && /^[\x21-\x7e]+$/.test(token)

const queryWith = (...tokens: string[]): string =>
  [
    'EIO=4',
    'transport=websocket',
    ...tokens.map((token) => `token=${encodeURIComponent(token)}`),
  ].join('&')

interface Combination {
  readonly auth?: string
  readonly header?: string
  readonly query?: readonly string[]
}

/** A valid token by one carrier does not help where an earlier carrier has another. */
const conflicts = (
  world: CorpusWorld,
  tokens: readonly unknown[],
  random: Random,
): HostileCase[] => {
  const forged = random.shuffled(tokens.filter(isHeaderText)).slice(0, 40)
  const { validToken, url } = world
  return forged.flatMap((token) => {
    const combinations: readonly Combination[] = [
      { auth: token, header: validToken },
      { auth: token, query: [validToken] },
      { auth: token, header: validToken, query: [validToken] },
      { header: token, query: [validToken] },
      { auth: token, header: token, query: [validToken] },
      { query: [token, validToken] },
      { query: [validToken, token] },
      { query: [validToken, validToken] },
    ]
    return combinations.map(({ auth, header, query = [] }) => ({
      kind: 'conflicting carriers',
      request: upgradeRequest(url, {
        query: queryWith(...query),
        headers: header === undefined ? [] : [`Authorization: Bearer ${header}`],
      }),
      packets: [`40${auth === undefined ? '' : JSON.stringify({ token: auth })}`],
      attempts: 1,
    }))
  })
}

/** Objects of every form in which a token may be missing or be something else. */
const shapes = (world: CorpusWorld, random: Random): string[] => {
  const deep = (depth: number): string => `${'['.repeat(depth)}${']'.repeat(depth)}`
  const { validToken } = world
  const fixed = [
    '{}',
    '{"token":null}',
    '{"token":""}',
    `{"Token":"${validToken}"}`,
    `{"token ":"${validToken}"}`,
    `{"__proto__":{"token":"${validToken}"}}`,
    `{"constructor":{"prototype":{"token":"${validToken}"}}}`,
    `{"auth":{"token":"${validToken}"}}`,
    `{"token":{"token":"${validToken}"}}`,
    `{"token":["${validToken}"]}`,
    `{"token":"${validToken}","token":"x"}`,
    `{"token":"x","pid":"aaaaaaaaaaaaaaaaaaaa","offset":"bbbbbbbbbb"}`,
    ...[10, 100, 1_000, 5_000, 20_000].map((depth) => `{"token":${deep(depth)}}`),
    ...[10, 100, 1_000, 5_000].map((depth) => `{"position":${deep(depth)}}`),
    ...[8_000, 9_000, 60_000].map((length) => `{"token":"${'a'.repeat(length)}"}`),
  ]
  const drawn = Array.from({ length: 1_800 }, () => {
    const auth: Record<string, unknown> = { position: anyJson(random, 3), x: anyJson(random, 2) }
    if (random.chance(0.8)) auth['token'] = anyJson(random, 3)
    return JSON.stringify(auth)
  })
  return [...fixed, ...drawn]
}

/** What is no object is no handshake: the connection is closed, and nothing is looked up. */
const invalidShapes = (world: CorpusWorld): HostileCase[] => {
  const { validToken } = world
  const bodies = ['[]', 'null', 'true', '-1', '"x"', '{', '}', '{"token":', `"${validToken}"`]
  bodies.push(
    `["${validToken}"]`,
    `{"token":"${validToken}"`,
    `{token:"${validToken}"}`,
    '\u0000',
    '{}{}',
  )
  bodies.push(
    `{'token':'${validToken}'}`,
    '[[[[',
    '-',
    'NaN',
    'undefined',
    `{"token":"${validToken}"}x`,
  )
  return bodies.map((body) => ({
    kind: 'no handshake at all',
    request: upgradeRequest(world.url),
    packets: [`40${body}`],
  }))
}

const anyJson = (random: Random, depth: number): unknown => {
  const leaves: readonly unknown[] = [
    null,
    true,
    false,
    0,
    -1,
    1e300,
    '',
    'x',
    '\u0000',
    '\ud800',
    '😀',
    5e-324,
  ]
  if (depth === 0 || random.chance(0.5)) return random.pick(leaves)
  const size = random.int(0, 4)
  if (random.chance(0.4)) return Array.from({ length: size }, () => anyJson(random, depth - 1))
  const names = [
    'token',
    '__proto__',
    'constructor',
    'toString',
    'length',
    'seq',
    'epoch',
    '',
    'then',
  ]
  return Object.fromEntries(
    Array.from({ length: size }, () => [random.pick(names), anyJson(random, depth - 1)]),
  )
}
