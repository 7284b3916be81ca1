import { Agent, request } from 'node:http'
import { openWire } from '../../rig/wire.js'
import { signToken } from '../../rig/tokens.js'
import { pause } from '../workload/pace.js'
import { onNode, nodePid, type FaultContext, type FaultDefinition } from './definition.js'

/** Keeps `count` of something going against one node until the time of the fault is over. */
const flood = (
  count: number,
  once: (context: FaultContext, slot: number, number: number) => Promise<void>,
): FaultDefinition => ({
  affects: ['node'],
  target: onNode,
  pids: nodePid,
  run: async (context) => {
    const until = performance.now() + context.fault.durationMs
    const keepOn = async (slot: number): Promise<void> => {
      for (let turn = 0; performance.now() < until; turn += 1) {
        await once(context, slot, slot + turn * count)
      }
    }
    await Promise.all(Array.from({ length: count }, (_, slot) => keepOn(slot)))
    agent.destroy()
  },
})

const agent = new Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY })
const ANSWER_WITHIN_MS = 20_000
const FRAMES_AT_ONCE = 500

/** Reads all items as the flooding user; what is answered does not matter here, a refusal least of all. */
const read = ({ node, crowd }: FaultContext): Promise<void> =>
  new Promise((resolve) => {
    const [flooder] = crowd.population.drilled
    const { token } = crowd.tokens.of(flooder.id)
    const sent = request(
      `${node.url}/api/inventory?limit=500`,
      { agent, timeout: ANSWER_WITHIN_MS, headers: { authorization: `Bearer ${token}` } },
      (response) => {
        response.resume()
        response.on('close', resolve)
      },
    )
    sent.on('timeout', () => sent.destroy())
    sent.on('error', () => {
      resolve()
    })
    sent.end()
  })

/** Comes with a token that another key has signed, each time from another address. */
const knock = ({ node, crowd }: FaultContext, _slot: number, number: number): Promise<void> =>
  new Promise((resolve) => {
    const token = signToken(
      'a key of somebody else, which nobody here trusts',
      crowd.population.admin.id,
    )
    const wire = openWire(
      node.url,
      { from: strangersAddress(number) },
      {
        onOpen: () => {
          wire.connect({ token })
        },
        onRefused: () => {
          wire.end('refused')
        },
        onEnd: () => {
          resolve()
        },
      },
    )
  })

/** Opens a session and sends what no limit of packets may forget: pongs that nobody asked for, and pings of the WebSocket. */
const babble = async ({ node, crowd, fault }: FaultContext): Promise<void> => {
  const [, flooder] = crowd.population.drilled
  const until = performance.now() + fault.durationMs
  const session = { isOpen: true }
  const wire = openWire(
    node.url,
    {},
    {
      onOpen: () => {
        wire.connect({ token: crowd.tokens.of(flooder.id).token })
      },
      onEnd: () => {
        session.isOpen = false
      },
    },
  )
  const pongs = Array.from({ length: FRAMES_AT_ONCE }, () => '3')
  while (session.isOpen && performance.now() < until) {
    wire.send(...pongs)
    wire.ping(FRAMES_AT_ONCE)
    await pause(10)
  }
  wire.end('left')
  // Whoever is thrown out comes back, but not at once.
  await pause(100)
}

const strangersAddress = (number: number): string =>
  `10.${String((number >> 16) & 255)}.${String((number >> 8) & 255)}.${String(number & 255)}`

/** Guesses at the password of an account whose owner logs in from home meanwhile. */
const guess = async (
  { node, crowd, recorder }: FaultContext,
  slot: number,
  number: number,
): Promise<void> => {
  const { owner, logIn } = crowd.logIns
  if (slot === 0) {
    const { status, tookMs } = await logIn(node, owner, { from: 'home' })
    recorder.add({ op: 'log-in', who: 'owner', node: node.name, status, tookMs })
    await pause(500)
    return
  }
  await logIn(node, owner, { from: strangersAddress(number), password: `guess ${String(number)}` })
}

/** Too much of what one user or one stranger may ask. */
export const FLOODS = {
  'flood-reads': flood(300, read),
  'flood-handshakes': flood(40, knock),
  'flood-frames': flood(5, babble),
  'flood-log-ins': flood(20, guess),
} as const satisfies Record<string, FaultDefinition>
