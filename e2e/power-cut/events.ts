import { deserialize, serialize } from 'node:v8'

/** One thing that was done to the recorded folders, in the order in which it was done. */
export type FileEvent =
  | { readonly op: 'open'; readonly fd: number; readonly path: string; readonly truncates: boolean }
  | { readonly op: 'write'; readonly fd: number; readonly at: number; readonly data: Uint8Array }
  | { readonly op: 'resize'; readonly fd: number; readonly size: number }
  | { readonly op: 'resizePath'; readonly path: string; readonly size: number }
  | { readonly op: 'sync'; readonly fd: number }
  | { readonly op: 'syncPath'; readonly path: string }
  /** A new file, whole. */
  | { readonly op: 'create'; readonly path: string; readonly data: Uint8Array }
  | { readonly op: 'mkdir'; readonly path: string }
  | { readonly op: 'rename'; readonly from: string; readonly to: string }
  | { readonly op: 'unlink'; readonly path: string }
  | { readonly op: 'rmdir'; readonly path: string }
  /** What the load says about itself. */
  | { readonly op: 'said'; readonly what: Saying }

export type Saying =
  /** The item has this version for good, for the COMMIT was answered. */
  | { readonly kind: 'acknowledged'; readonly sku: string; readonly version: number }
  /** The same of a row of the connection log. */
  | { readonly kind: 'chained'; readonly run: string; readonly nodeSeq: number }
  /** What follows is of another phase. */
  | { readonly kind: 'phase'; readonly phase: Phase }

export type Phase = 'opening' | 'migration' | 'load' | 'checkpoint' | 'recovery'

export const encodeEvent = (event: FileEvent): Buffer => {
  const body = serialize(event)
  const frame = Buffer.allocUnsafe(4 + body.length)
  frame.writeUInt32LE(body.length)
  body.copy(frame, 4)
  return frame
}

/** Reads what `encodeEvent` wrote, up to the first frame that is not whole. */
export const decodeEvents = (bytes: Buffer): FileEvent[] => {
  const events: FileEvent[] = []
  for (let at = 0; at + 4 <= bytes.length;) {
    const end = at + 4 + bytes.readUInt32LE(at)
    if (end > bytes.length) break
    // Written by `encodeEvent`.
    events.push(deserialize(bytes.subarray(at + 4, end)) as FileEvent)
    at = end
  }
  return events
}
