import type { Feeds } from '../log/audience.js'
import type { PublicEntry } from '../log/entry.js'
import type { RealtimeSocket } from '../middleware/socket-types.js'
import { encodeFrame, OPCODE } from './web-socket-frame.js'
import type { Wire } from './wire.js'

/** How entries of the log reach a socket, live or replayed. */
export interface Sending {
  readonly feeds: Feeds
  /** The WebSocket frame of an entry, as every client gets it. */
  readonly frameOf: (entry: PublicEntry) => Buffer
  /** Writes frames past Socket.IO; false where they must take the usual way, event by event. */
  readonly write: (wire: Wire, frames: Buffer) => boolean
}

/** With `directWrites` false everything takes the usual way. */
export const createSending = (options: {
  readonly feeds: Feeds
  readonly directWrites: boolean
}): Sending => ({
  feeds: options.feeds,
  frameOf: createFrames(),
  write: options.directWrites ? (wire, frames) => wire.writeIfIdle(frames) : () => false,
})

/** Sends entries the usual way, one event each. */
export const emitEntries = (
  target: Pick<RealtimeSocket, 'emit'>,
  entries: readonly PublicEntry[],
): void => {
  for (const entry of entries) {
    // A case each: the compiler then sees that the payload is that of the name.
    switch (entry.name) {
      case 'inventory:update':
        target.emit(entry.name, entry.payload)
        break
      case 'inventory:lowStock':
        target.emit(entry.name, entry.payload)
        break
      case 'alert:raised':
      case 'alert:changed':
        target.emit(entry.name, entry.payload)
        break
      case 'break_glass:opened':
      case 'break_glass:reviewed':
        target.emit(entry.name, entry.payload)
        break
    }
  }
}

/** Makes the frames of entries, each once for as long as its entry is in memory. */
export const createFrames = (): Sending['frameOf'] => {
  const made = new WeakMap<PublicEntry, Buffer>()
  return (entry) => {
    const known = made.get(entry)
    if (known !== undefined) return known
    const frame = encodeFrame(OPCODE.text, eventText(entry.name, entry.payload))
    made.set(entry, frame)
    return frame
  }
}

/** An event of the main namespace as text: engine.io's `4` (message), Socket.IO's `2` (EVENT), both protocol revision 5. */
const eventText = (name: string, payload: unknown): string => `42${JSON.stringify([name, payload])}`
