import { encodeFrame, upgradeRequest } from '../../test/support/websocket-wire.js'
import type { Random } from '../rig/random.js'
import type { CorpusWorld, HostileCase } from './case.js'

/** What is wrong on a connection that nobody has authenticated on: frames, packets, namespaces, garbage. */
export const hostilePackets = (world: CorpusWorld, random: Random): HostileCase[] => [
  ...frames(world),
  ...early(world),
  ...namespaces(world),
  ...garbage(world, random),
]

const frames = (world: CorpusWorld): HostileCase[] => {
  const request = upgradeRequest(world.url)
  const connect = `40{"token":"${world.validToken}"}`
  const cases: HostileCase[] = []
  for (let bits = 0; bits < 128; bits += 1) {
    const [reserved, opcode] = [bits >> 4, bits & 15]
    for (const isMasked of [true, false]) {
      for (const isFinal of [true, false]) {
        // A whole masked text frame with nothing reserved is what an honest client sends, and a ping is harmless.
        if (reserved === 0 && [1, 9, 10].includes(opcode) && isMasked && isFinal) continue
        const frame = encodeFrame(connect, { opcode, reserved, isMasked, isFinal })
        cases.push({ kind: 'frame', request, packets: [frame], hangsUp: true })
      }
    }
  }
  const close = encodeFrame(Buffer.from([0x03, 0xe8]), { opcode: 8 })
  for (const code of [0, 999, 1_004, 1_005, 1_006, 1_015, 2_999, 5_000, 65_535]) {
    const payload = Buffer.from([code >> 8, code & 0xff])
    cases.push({
      kind: 'close frame',
      request,
      packets: [encodeFrame(payload, { opcode: 8 })],
      hangsUp: true,
    })
  }
  for (let after = 1; after <= 10; after += 1) {
    const late = Array.from({ length: after }, () => encodeFrame(connect))
    cases.push({
      kind: 'frames after a close frame',
      request,
      packets: [Buffer.concat([close, ...late])],
      hangsUp: true,
    })
  }
  for (const size of [65_600, 1_000_000]) {
    const frame = encodeFrame('4'.repeat(size)).subarray(0, 70_000)
    cases.push({ kind: 'too large a frame', request, packets: [frame], hangsUp: true })
  }
  const first = encodeFrame('4', { isFinal: false })
  const piece = encodeFrame('2', { opcode: 0, isFinal: false })
  const fragments = Buffer.concat([first, ...Array<Buffer>(20_000).fill(piece)])
  const pings = Buffer.concat(Array<Buffer>(5_000).fill(encodeFrame('ping', { opcode: 9 })))
  return [
    ...cases,
    ...[1, 2, 3].map(() => ({ kind: 'fragments', request, packets: [fragments], hangsUp: true })),
    ...[1, 2, 3].map(() => ({ kind: 'pings', request, packets: [pings], hangsUp: true })),
  ]
}

/** Packets of Socket.IO before any CONNECT. */
const early = (world: CorpusWorld): HostileCase[] => {
  const types = ['1', '2', '3', '4', '50-', '51-', '52-', '5-1-', '59999999999-', '60-', '61-', '7']
  const names = ['', '/x,', '/__proto__,', '/', '/admin?token=x,']
  const bodies = ['', '[]', '["x"]', '["auth:refresh",{"token":"x"}]', '[0]', '[{"toString":"x"}]']
  bodies.push('["e",{"_placeholder":true,"num":0}]', '["e",{"_placeholder":true,"num":"splice"}]')
  bodies.push(
    '["e",{"_placeholder":true,"num":-1}]',
    '1["x"]',
    `${'9'.repeat(10_000)}["x"]`,
    '{}',
    '"x"',
  )
  const request = upgradeRequest(world.url)
  return types.flatMap((type) =>
    names.flatMap((name) =>
      bodies.map((body) => ({
        kind: 'packet before CONNECT',
        request,
        packets: [`4${type}${name}${body}`],
      })),
    ),
  )
}

const namespaces = (world: CorpusWorld): HostileCase[] => {
  const names = [
    '/x',
    '/admin',
    '/__proto__',
    '/constructor',
    '/toString',
    '/?token=x',
    '//',
    '/ ',
    '/*',
  ]
  names.push(
    '/%2f',
    `/${'n'.repeat(5_000)}`,
    '/\u0000',
    '/😀',
    '/../',
    '/socket.io',
    '/"',
    '/{}',
    '/\n',
  )
  const request = upgradeRequest(world.url)
  const bodies = ['', `{"token":"${world.validToken}"}`, '{"token":null}', '{}', '[', '0']
  return names.flatMap((name) =>
    bodies.map((body) => ({
      kind: 'another namespace',
      request,
      packets: [`40${name},${body}`],
    })),
  )
}

const garbage = (world: CorpusWorld, random: Random): HostileCase[] => {
  const request = upgradeRequest(world.url)
  const bytes = (most: number): Buffer =>
    Buffer.from(Array.from({ length: random.int(0, most) }, () => random.int(0, 255)))
  const text = (): string => bytes(200).toString('latin1')
  return Array.from({ length: 2_400 }, (_, index) => {
    // Not `40`: that would be a handshake, and those are counted.
    const head = random.pick([
      '0',
      '1',
      '2',
      '3',
      '5',
      '6',
      'b',
      '',
      '\u001e',
      '41',
      '42',
      '45',
      '49',
    ])
    const isBinary = index % 4 === 0
    const frame = isBinary
      ? encodeFrame(bytes(300), { opcode: 2 })
      : encodeFrame((head + text()).replace(/^40/, '41'))
    return { kind: isBinary ? 'binary garbage' : 'garbage', request, packets: [frame] }
  })
}
