import { createHmac, randomUUID } from 'node:crypto'
import type { Random } from '../rig/random.js'
import type { CorpusWorld } from './case.js'

/** Tokens of which none may be accepted, each as it stands in JSON. */
export const forgedTokens = (world: CorpusWorld, random: Random): readonly unknown[] => [
  ...mutations(world.validToken, random),
  ...wrongAlgorithms(world),
  ...wrongKeys(world),
  ...wrongHeaders(world),
  ...wrongClaims(world),
  ...wrongForms(world),
]

const encode = (part: unknown): string =>
  Buffer.from(typeof part === 'string' ? part : JSON.stringify(part)).toString('base64url')

const sign = (header: unknown, claims: unknown, key: string, digest = 'sha256'): string => {
  const input = `${encode(header)}.${encode(claims)}`
  return `${input}.${createHmac(digest, key).update(input).digest('base64url')}`
}

const HEADER = { alg: 'HS256', typ: 'JWT' }

const claimsOf = ({ userId }: CorpusWorld): Record<string, unknown> => ({
  id: userId,
  exp: Math.ceil(Date.now() / 1_000) + 3_600,
})

/** A valid token with one character changed, added, taken away, swapped or cut off: at every place of it. */
const mutations = (token: string, random: Random): string[] => {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  const strangers = ['=', '.', ' ', '+', '/', '\u0000', '%2e', 'é', '\n', 'A']
  const changed: string[] = []
  for (let at = 0; at < token.length; at += 1) {
    const [before, character, after] = [token.slice(0, at), token[at] ?? '', token.slice(at + 1)]
    for (let i = 0; i < 4; i += 1)
      changed.push(before + alphabet.charAt(random.int(0, alphabet.length - 1)) + after)
    for (let i = 0; i < 4; i += 1) changed.push(before + random.pick(strangers) + character + after)
    changed.push(
      before + after,
      before,
      after,
      before + (after[0] ?? '') + character + after.slice(1),
    )
  }
  return changed.filter((text) => text !== token && text !== '')
}

const wrongAlgorithms = (world: CorpusWorld): string[] => {
  const names: unknown[] = ['none', 'None', 'NONE', 'nOnE', 'none ', '', ' ', null, 0, true, {}, []]
  names.push('HS384', 'HS512', 'hs256', 'HS256 ', ' HS256', 'HS-256', 'HMAC', 'HS1', 'SHA256')
  names.push('RS256', 'RS384', 'RS512', 'PS256', 'ES256', 'ES384', 'ES256K', 'EdDSA', 'Ed25519')
  names.push(
    'dir',
    'A128KW',
    'RSA-OAEP',
    'PBES2-HS256+A128KW',
    ['HS256'],
    { alg: 'HS256' },
    '../HS256',
  )
  const digests = { HS384: 'sha384', HS512: 'sha512' } as const
  return names.flatMap((alg) => {
    const header = { ...HEADER, alg }
    const digest = typeof alg === 'string' ? Reflect.get(digests, alg) : undefined
    const input = `${encode(header)}.${encode(claimsOf(world))}`
    return [
      sign(header, claimsOf(world), world.secret, typeof digest === 'string' ? digest : 'sha256'),
      sign(header, claimsOf(world), world.publicKey),
      `${input}.`,
      input,
      `${input}.${'A'.repeat(43)}`,
      `${input}.${world.validToken.split('.')[2] ?? ''}`,
    ]
  })
}

/** Signed with what an attacker has: nothing, the public key in every spelling, usual secrets, or a file named by `kid`. */
const wrongKeys = (world: CorpusWorld): string[] => {
  const { publicKey } = world
  const body = publicKey.replace(/-----[^-]+-----|\n/g, '')
  const keys = [
    '\u0000',
    'secret',
    'password',
    'changeme',
    'null',
    'undefined',
    'your-256-bit-secret',
  ]
  keys.push(publicKey, publicKey.trim(), publicKey.replaceAll('\n', '\r\n'), body, `${publicKey}\n`)
  keys.push(Buffer.from(body, 'base64').toString('latin1'), world.secret.slice(0, -1))
  const kids: unknown[] = [undefined, '', '../../../../dev/null', '/dev/null', '/proc/self/environ']
  kids.push(
    `' or 1=1 --`,
    `x' union select 'secret' --`,
    '$(id)',
    '|id',
    '%00',
    '\u0000',
    {},
    [],
    0,
    null,
  )
  kids.push('__proto__', 'constructor', 'toString', 'k'.repeat(2_000), 'http://127.0.0.1:9/key')
  return kids.flatMap((kid) => keys.map((key) => sign({ ...HEADER, kid }, claimsOf(world), key)))
}

/** Rightly signed, with a member that may never be there. */
const wrongHeaders = (world: CorpusWorld): string[] => {
  const members = ['crit', 'zip', 'enc', 'b64', 'jku', 'jwk', 'x5u', 'x5c']
  const values: unknown[] = [false, true, 0, '', 'x', 'DEF', [], ['exp'], {}, 'http://127.0.0.1:9/']
  values.push({ kty: 'oct', k: encode('secret') }, ['http://127.0.0.1:9/'])
  return members.flatMap((member) =>
    values.map((value) => sign({ ...HEADER, [member]: value }, claimsOf(world), world.secret)),
  )
}

/** Rightly signed, with claims that no back end means. */
const wrongClaims = (world: CorpusWorld): string[] => {
  const { secret, userId } = world
  const claims = claimsOf(world)
  const now = Math.floor(Date.now() / 1_000)
  const ids: unknown[] = [null, 0, 1, true, '', {}, [], [userId], { $ne: null }, `${userId}\u0000`]
  ids.push(`${userId}' or '1'='1`, randomUUID(), '\ud800', 'u'.repeat(300), '__proto__', '../admin')
  ids.push(`${userId}\n`, ` ${userId}`, '00000000-0000-0000-0000-000000000000', '*', '%')
  const ends: unknown[] = [
    null,
    '',
    'never',
    String(now + 60),
    {},
    [],
    true,
    -1,
    0,
    1,
    now - 1,
    now - 60,
  ]
  ends.push(now - 86_400, now + 11 * 366 * 86_400, (now + 60) * 1_000, [now + 60], {
    valueOf: now + 60,
  })
  // Those of the next hours are told when to come back: that is no refusal for good.
  const begins: unknown[] = [
    'now',
    {},
    [],
    true,
    now + 90_000,
    now + 86_400 * 30,
    (now + 60) * 1_000,
  ]
  const written = [
    `{"id":"${userId}"}`,
    `{"id":"${userId}","exp":1e300}`,
    `{"id":"${userId}","exp":1e999}`,
    `{"id":"${randomUUID()}","exp":${String(now + 60)},"id":"${userId}"}`,
    `{"id":"${userId}","exp":${String(now - 60)},"exp":${String(now + 60)}}`,
    `{"__proto__":{"id":"${userId}"},"exp":${String(now + 60)}}`,
    `{"id":"${userId}","exp":${String(now + 60)}`,
    `[{"id":"${userId}","exp":${String(now + 60)}}]`,
    ...['null', 'true', '0', '"x"', '', '{', '{}', '[]', '\ufeff{}', '{"id":', '\u0000'],
    `${'['.repeat(2_000)}${']'.repeat(2_000)}`,
  ]
  return [
    ...ids.flatMap((id) => [
      { ...claims, id },
      { ...claims, id: undefined, sub: id },
    ]),
    ...ids.map((sub) => ({ ...claims, sub })),
    ...ends.map((exp) => ({ ...claims, exp })),
    ...begins.flatMap((time) => [
      { ...claims, nbf: time },
      { ...claims, iat: time },
    ]),
    ...written,
  ].map((payload) => sign(HEADER, payload, secret))
}

/** What has not even the form of a token. */
const wrongForms = ({ validToken }: CorpusWorld): unknown[] => [
  ...[0, 1, -1, 1.5, true, [], {}, [validToken], { token: validToken }, { length: 3 }],
  { toString: 'x' },
  { split: 1, length: 20 },
  ...[
    '.',
    '..',
    '...',
    '....',
    'x',
    'a.b',
    'a.b.c',
    'a.b.c.d',
    'a.b.c.d.e',
    'Bearer ',
    'undefined',
  ],
  `Bearer ${validToken}`,
  `${validToken}.${validToken}`,
  `${validToken}, ${validToken}`,
  `"${validToken}"`,
  encode(validToken),
  validToken.toUpperCase(),
  validToken.replaceAll('.', '%2e'),
  `${encode({ alg: 'PBES2-HS256+A128KW', enc: 'A128GCM', p2c: 1e9 })}.a.b.c.d`,
  `${encode({ alg: 'dir', enc: 'A256GCM', zip: 'DEF' })}..AAAA.AAAA.AAAA`,
  'x'.repeat(8_193),
  `${'x'.repeat(20_000)}.${'y'.repeat(20_000)}.z`,
  '\u0000',
  '\ud800',
  '😀'.repeat(50),
  `<script>alert(1)</script>`,
  `' or 1=1 --`,
  '${jndi:ldap://127.0.0.1:9/a}',
]
