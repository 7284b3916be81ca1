import { openWire } from './rig/wire.js'

/** A client that has connected and then never reads again, though its socket stays open. */
export interface StillClient {
  /** Milliseconds since it stopped reading at which its connection ended; undefined while it is open. */
  readonly endedAfterMs: () => number | undefined
  /** Reads on; what the kernel still had for it comes. */
  readonly readOn: () => void
  /** Text of all frames read so far. */
  readonly frames: readonly string[]
  readonly destroy: () => void
}

/** Connects with `auth` by hand and stops reading once the server has said `connected`. */
export const startStillClient = (
  url: string,
  auth: Readonly<Record<string, unknown>>,
): Promise<StillClient> =>
  new Promise((resolve, reject) => {
    const frames: string[] = []
    const wire = openWire(
      url,
      {},
      {
        onOpen: () => {
          wire.connect(auth)
        },
        onFrame: (frame) => {
          frames.push(frame)
        },
        onEvent: (name) => {
          if (name !== 'connected') return
          wire.pause()
          const stoppedAt = performance.now()
          resolve({
            endedAfterMs: () => {
              const closedAt = wire.closedAt()
              return closedAt === undefined ? undefined : closedAt - stoppedAt
            },
            readOn: wire.resume,
            frames,
            destroy: wire.destroy,
          })
        },
        onEnd: (reason) => {
          // Does nothing where it was connected before.
          reject(new Error(`The connection ended (${reason}): ${frames.join(' ').slice(0, 500)}`))
        },
      },
    )
  })
