import { openRawClient, type RawClient } from '../../e2e/rig/raw-client.js'

/** A signed-in socket that keeps what it is told of the log. */
export interface Session extends RawClient {
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
  readonly userAgent?: string
  readonly onEvent?: (name: string, packet: string, session: Session) => void
  /** An acknowledgement: its packet. */
  readonly onAck?: (packet: string) => void
  readonly onClosed?: (session: Session) => void
}

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

  const onEvent = (packet: string): void => {
    const name = packet.slice(4, packet.indexOf('"', 4))
    if (name === 'connected') {
      from = Number(/"seq":(\d+)/.exec(packet)?.[1])
      isConnected = true
      settle()
    } else if (name === 'inventory:update') {
      // The database writes keys by their length: the first number is the entry's own.
      seqs.push(Number(/"seq": ?(\d+)/.exec(packet)?.[1]))
    }
    options.onEvent?.(name, packet, session)
  }

  const client = openRawClient(
    url,
    {
      onPacket: (packet) => {
        if (packet.startsWith('0')) client.send(`40${JSON.stringify({ token: options.token })}`)
        else if (packet.startsWith('42')) onEvent(packet)
        else if (packet.startsWith('43')) options.onAck?.(packet)
        else if (packet.startsWith('44')) {
          refusal = /"code":"(\w+)"/.exec(packet)?.[1] ?? 'UNREADABLE'
          settle()
        }
      },
      onClosed: () => {
        settle()
        options.onClosed?.(session)
      },
    },
    options.userAgent === undefined ? {} : { 'User-Agent': options.userAgent },
  )
  const session: Session = {
    ...client,
    node: options.node ?? 0,
    seqs,
    from: () => from,
    isConnected: () => isConnected,
    refusal: () => refusal,
    decided,
  }
  return session
}
