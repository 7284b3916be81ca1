import { once } from 'node:events'
import { WebSocket } from 'ws'

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
export async function startStillClient(
  url: string,
  auth: Readonly<Record<string, unknown>>,
  until = 'connected',
): Promise<StillClient> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`)
  const frames: string[] = []
  socket.on('error', () => undefined)
  const connected = new Promise<void>((resolve, reject) => {
    socket.on('message', (data: Buffer) => {
      const frame = data.toString()
      frames.push(frame)
      if (frame.startsWith('0')) socket.send(`40${JSON.stringify(auth)}`)
      if (frame === '2') socket.send('3')
      if (frame.startsWith(`42["${until}"`)) resolve()
    })
    socket.once('close', () => {
      reject(new Error(`The connection ended: ${frames.join(' ').slice(0, 500)}`))
    })
  })
  await once(socket, 'open')
  await connected
  socket.pause()
  const stoppedAt = performance.now()
  let endedAfterMs: number | undefined
  socket.once('close', () => {
    endedAfterMs = performance.now() - stoppedAt
  })
  return {
    endedAfterMs: () => endedAfterMs,
    readOn: () => {
      socket.resume()
    },
    frames,
    destroy: () => {
      socket.terminate()
    },
  }
}
