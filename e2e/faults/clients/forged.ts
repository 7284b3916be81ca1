import { randomUUID } from 'node:crypto'
import type { Position, Recorder } from '../history.js'
import type { RigNode } from '../rig/rig.js'
import { openWire } from '../../rig/wire.js'

export interface ForgedOptions {
  readonly node: RigNode
  readonly recorder: Recorder
  readonly userId: string
  readonly token: { readonly token: string; readonly at: number }
  readonly head: Position
}

const ANSWER_WITHIN_MS = 5_000

/** Comes back with positions that no client of this log can have, and puts on record what it is told. */
export const tryForgedPositions = async (options: ForgedOptions): Promise<void> => {
  const { epoch, seq } = options.head
  const positions: Readonly<Record<string, unknown>> = {
    'in the future': { epoch, seq: seq + 1_000 },
    'of another epoch': { epoch: randomUUID(), seq },
    negative: { epoch, seq: -1 },
    'a text': 'begin',
    'a fraction': { epoch, seq: 1.5 },
  }
  for (const [index, [what, position]] of Object.entries(positions).entries()) {
    const answer = await answerTo(position, `rig/forged/${String(index + 1)}`, options)
    options.recorder.add({ op: 'forged', what, answer })
  }
}

const answerTo = (position: unknown, attempt: string, options: ForgedOptions): Promise<string> => {
  const { node, recorder, userId, token } = options
  const client = 'forged'
  recorder.add({
    op: 'attempt',
    client,
    attempt,
    kind: 'racer',
    node: node.name,
    userId,
    tokenAt: token.at,
    claimed: null,
  })
  return new Promise((resolve) => {
    const end = (answer: string): void => {
      clearTimeout(timer)
      resolve(answer)
      wire.end('answered')
    }
    const timer = setTimeout(() => {
      end('nothing')
    }, ANSWER_WITHIN_MS)
    const wire = openWire(
      node.url,
      { userAgent: attempt },
      {
        onOpen: () => {
          wire.connect({ token: token.token, position })
        },
        onEvent: (name, text) => {
          if (name === 'log:reset') end('reset')
          if (name !== 'connected') return
          const {
            position: at,
            resumed,
            role,
          } = JSON.parse(text) as {
            position: Position
            resumed: boolean
            role: string
          }
          recorder.add({ op: 'connected', client, attempt, position: at, resumed, role })
          if (resumed) end('resumed')
        },
        onRefused: (code) => {
          recorder.add({ op: 'refused', client, attempt, code })
          end(code)
        },
        onEnd: (reason) => {
          recorder.add({ op: 'disconnected', client, attempt, reason })
          end('nothing')
        },
      },
    )
  })
}
