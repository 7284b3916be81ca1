import { upgradeRequest } from '../../test/support/websocket-wire.js'
import type { Random } from '../rig/random.js'
import type { CorpusWorld, HostileCase } from './case.js'

/** What is wrong before Socket.IO speaks: addresses, methods, headers, origins, connections that are reset. */
export const hostileRequests = (world: CorpusWorld, random: Random): HostileCase[] => [
  ...queries(world),
  ...origins(world),
  ...headers(world),
  ...resets(world, random),
]

const plain = (world: CorpusWorld, method: string, query: string, more: string[] = []): string =>
  [
    `${method} /socket.io/?${query} HTTP/1.1`,
    `Host: ${new URL(world.url).host}`,
    'Connection: close',
    'Content-Length: 0',
    ...more,
    '',
    '',
  ].join('\r\n')

const queries = (world: CorpusWorld): HostileCase[] => {
  const transports = [
    'transport=',
    'transport=constructor',
    'transport=__proto__',
    'transport=toString',
  ]
  transports.push('transport=webtransport', 'transport=flashsocket', 'transport[]=polling', 'x=1')
  transports.push('transport=polling', 'transport=polling%00', 'transport=POLLING')
  const sids = ['', '&sid=', '&sid=constructor', '&sid=__proto__', '&sid=toString', '&sid[]=a']
  sids.push('&sid=AAAAAAAAAAAAAAAAAAAA', `&sid=${'a'.repeat(2_000)}`, '&sid=%00', '&sid=../../etc')
  const versions = ['EIO=4', 'EIO=3', 'EIO=', 'EIO=__proto__', 'EIO[]=4', 'EIO=1e9', 'EIO=4&j=0']
  const methods = ['GET', 'POST', 'OPTIONS', 'DELETE']
  const requests = transports.flatMap((transport) =>
    sids.flatMap((sid) => versions.map((version) => `${version}&${transport}${sid}`)),
  )
  return [
    ...requests.map((query, index) => ({
      kind: 'engine.io query over HTTP',
      request: plain(world, methods[index % methods.length] ?? 'GET', query),
    })),
    ...requests
      .filter((query) => !query.endsWith('transport=polling'))
      .map((query) => ({
        kind: 'engine.io query over an upgrade',
        request: upgradeRequest(world.url, { query }),
        hangsUp: true,
      })),
  ]
}

const origins = (world: CorpusWorld): HostileCase[] => {
  const { host } = new URL(world.url)
  const names = [
    'null',
    'https://evil.example',
    `http://${host}.evil.example`,
    'file://',
    'data:',
    '*',
  ]
  names.push(
    `http://evil.example/${host}`,
    `http://${host}@evil.example`,
    'http://localhost:3001',
    'x',
  )
  names.push(
    'http://127.0.0.1',
    'chrome-extension://abc',
    'http://[::1]',
    'ws://evil.example',
    '%00',
  )
  names.push('http://localhost:3000.evil.example', 'http://localhost:3000 http://evil.example', '"')
  const carriers = [[], [`Authorization: Bearer ${world.validToken}`], ['Cookie: a=b'], ['DNT: 1']]
  return names.flatMap((origin) =>
    carriers.flatMap((more) => [
      {
        kind: 'another origin over polling',
        request: plain(world, 'GET', 'EIO=4&transport=polling', [`Origin: ${origin}`, ...more]),
        isOriginRefused: true,
      },
      {
        kind: 'another origin over an upgrade',
        request: upgradeRequest(world.url, { headers: [`Origin: ${origin}`, ...more] }),
        isOriginRefused: true,
      },
    ]),
  )
}

const headers = (world: CorpusWorld): HostileCase[] => {
  const many = Array.from({ length: 2_000 }, (_, index) => `X-${String(index)}: ${String(index)}`)
  const values = [
    many,
    [`Sec-WebSocket-Protocol: ${' '.repeat(15_000)}`],
    [`Sec-WebSocket-Protocol: ${'a,'.repeat(7_000)}`],
    [`Sec-WebSocket-Protocol: ${'a '.repeat(7_000)}`],
    [`Sec-WebSocket-Extensions: ${'permessage-deflate; '.repeat(700)}`],
    [`Sec-WebSocket-Extensions: permessage-deflate; a="${'\\"'.repeat(6_000)}`],
    [`Sec-WebSocket-Extensions: ${'a'.repeat(14_000)}`],
    [`Sec-WebSocket-Extensions: ${';'.repeat(14_000)}`],
    [`X: ${'x'.repeat(100_000)}`],
    ['Content-Length: 5', 'Transfer-Encoding: chunked'],
    ['Transfer-Encoding: chunked, identity'],
    ['X\u0000: y'],
    ['X : y'],
    [': y'],
    [' folded'],
  ]
  const versions = ['', '0', '12', '14', 'x', '13, 8']
  return [
    ...values.flatMap((more) => [
      { kind: 'headers', request: upgradeRequest(world.url, { headers: more }), hangsUp: true },
      {
        kind: 'headers',
        request: plain(world, 'GET', 'EIO=4&transport=__proto__', more),
        hangsUp: true,
      },
    ]),
    ...versions.map((version) => ({
      kind: 'headers',
      request: upgradeRequest(world.url, { version }),
      hangsUp: true,
    })),
  ]
}

/** A connection that is reset in the middle of the upgrade, at each of its bytes. */
const resets = (world: CorpusWorld, random: Random): HostileCase[] => {
  const requests = [
    upgradeRequest(world.url),
    upgradeRequest(world.url, { query: `EIO=4&transport=websocket&token=${world.validToken}` }),
    upgradeRequest(world.url, { query: 'EIO=4&transport=__proto__' }),
    plain(world, 'GET', 'EIO=4&transport=polling'),
  ]
  return requests.flatMap((request) =>
    Array.from({ length: 300 }, (_, index) => ({
      kind: 'reset at a byte of the upgrade',
      request,
      resetAfter: index < 200 ? Math.min(index, request.length) : random.int(0, request.length),
    })),
  )
}
