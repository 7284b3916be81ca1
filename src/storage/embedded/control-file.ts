import { readFile } from 'node:fs/promises'

/** What is needed here of PostgreSQL's `pg_control`. */
export interface ControlFile {
  /** Names of the segments of the write-ahead log with the last checkpoint, and with what is to be replayed from there. */
  readonly segments: readonly string[]
  readonly segmentBytes: number
}

// ControlFileData of src/include/catalog/pg_control.h, PostgreSQL 18, as the compiler lays it out for WebAssembly.
const FILE_BYTES = 8_192
const LAYOUT_VERSION = 1_800
const AT = { version: 8, checkpoint: 32, redo: 40, timeline: 48, segmentBytes: 228, checksum: 292 }

/** Reads the file, or says how it is damaged, as a sentence that begins with its name goes on. */
export const readControlFile = async (path: string): Promise<ControlFile | string> => {
  const bytes = await readFile(path).catch(() => undefined)
  if (bytes === undefined) return 'is missing'
  if (bytes.length !== FILE_BYTES) {
    return `has ${bytes.length.toString()} bytes instead of ${FILE_BYTES.toString()}`
  }
  if (
    bytes.readUInt32LE(AT.version) !== LAYOUT_VERSION ||
    bytes.readUInt32LE(AT.checksum) !== crc32c(bytes.subarray(0, AT.checksum))
  ) {
    return 'does not match its checksum'
  }
  const segmentBytes = bytes.readUInt32LE(AT.segmentBytes)
  const timeline = bytes.readUInt32LE(AT.timeline)
  const segmentOf = (at: number): string =>
    segmentName(timeline, bytes.readBigUInt64LE(at), BigInt(segmentBytes))
  return { segments: [segmentOf(AT.checkpoint), segmentOf(AT.redo)], segmentBytes }
}

/** The file that holds a position of the write-ahead log: timeline, and the segment's number in two parts. */
const segmentName = (timeline: number, position: bigint, segmentBytes: bigint): string => {
  const number = position / segmentBytes
  const perPart = 0x1_0000_0000n / segmentBytes
  return [BigInt(timeline), number / perPart, number % perPart]
    .map((part) => part.toString(16).toUpperCase().padStart(8, '0'))
    .join('')
}

/** CRC-32C (RFC 3720, appendix B.4). */
const crc32c = (bytes: Uint8Array): number => {
  let crc = 0xffffffff
  for (const byte of bytes) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? 0x82f63b78 : 0)
  }
  return ~crc >>> 0
}
