import { openWire, type Wire } from '../../e2e/rig/wire.js'

/** A signed-in socket that keeps what it is told of the log. */
export interface Session extends Wire {
  /** Index of the node that it is connected to. */
  readonly node: number
  /** Numbers of the stock events, in the order in which they came. */
  readonly seqs: readonly number[]
  /** Number of the log at which its live events begin. */
  readonly from: () => number
  readonly isConnected: () => boolean
  /** Code of the refusal, if it was refused. */
  readonly refusal: () => string | undefined
  /** Resolves once the server has said yes, said no, or ended the connection. */
  readonly decided: Promise<void>
}

export interface SessionOptions {
  readonly node?: number
  readonly token: string
  readonly onEvent?: (name: string, session: Session) => void
  /** An acknowledgement, as it came. */
  readonly onAck?: (frame: string) => void
  readonly onClosed?: () => void
}

// The machine is busy with all the others that connect.
const OPENS_WITHIN_MS = 45_000

/** Connects to a node and sends the token as soon as the node asks for it. */
export const openSession = (url: string, options: SessionOptions): Session => {
  const seqs: number[] = []
  let from = 0
  let isConnected = false
  let refusal: string | undefined
  let settle = (): void => undefined
  const decided = new Promise<void>((resolve) => {
    settle = resolve
  })

  const wire = openWire(
    url,
    { openWithinMs: OPENS_WITHIN_MS },
    {
      onOpen: () => {
        wire.connect({ token: options.token })
      },
      onEvent: (name, text) => {
        // The database writes keys by their length: the first number is the entry's own.
        const seq = Number(/"seq": ?(\d+)/.exec(text)?.[1])
        if (name === 'connected') {
          from = seq
          isConnected = true
          settle()
        } else if (name === 'inventory:update') {
          seqs.push(seq)
        }
        options.onEvent?.(name, session)
      },
      onRefused: (code) => {
        refusal = code
        settle()
      },
      onEnd: () => {
        settle()
        options.onClosed?.()
      },
      ...(options.onAck === undefined ? {} : { onAck: options.onAck }),
    },
  )
  const session: Session = {
    ...wire,
    node: options.node ?? 0,
    seqs,
    from: () => from,
    isConnected: () => isConnected,
    refusal: () => refusal,
    decided,
  }
  return session
}
