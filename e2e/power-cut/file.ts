import type { Random } from '../rig/random.js'

/** How much of what was not synced a power cut leaves of a file. */
export type Leaves = 'nothing' | 'all' | 'some sectors'

/** The content of a file: what a process reads, what is on the disk for good, and what is on its way there. */
export interface RecordedFile {
  readonly kind: 'file'
  readonly write: (at: number, data: Uint8Array) => void
  readonly resize: (size: number) => void
  readonly sync: () => void
  /** What a process reads. */
  readonly current: () => Buffer
  /** What a cut leaves of it, by sectors of so many bytes. */
  readonly afterCut: (leaves: Leaves, sectorBytes: number, random: Random) => Buffer
}

/** A write, and how large the file was then. A cut of the file is a write of zeros over what it takes away. */
interface Change {
  readonly at: number
  readonly data: Uint8Array
  readonly sizeAfter: number
}

export const createFile = (): RecordedFile => {
  const live = createBytes()
  const durable = createBytes()
  let pending: Change[] = []

  const take = (change: Change): void => {
    live.apply(change)
    pending.push(change)
  }

  const afterCut = (leaves: Leaves, sectorBytes: number, random: Random): Buffer => {
    if (leaves === 'nothing' || pending.length === 0) return durable.copy()
    if (leaves === 'all') return live.copy()
    // The size is on its way like the rest; what is within it and never arrived reads as zeros.
    const left = durable.copy(random.pick([durable.size(), ...pending.map((c) => c.sizeAfter)]))
    for (const [sector, changes] of bySector(pending, sectorBytes)) {
      const start = sector * sectorBytes
      // Each sector may have arrived as of any of its changes, whatever became of the others.
      for (const { at, data } of changes.slice(0, random.int(0, changes.length))) {
        const from = Math.max(at, start)
        const to = Math.min(at + data.length, start + sectorBytes, left.length)
        if (from < to) left.set(data.subarray(from - at, to - at), from)
      }
    }
    return left
  }

  return {
    kind: 'file',
    write: (at, data) => {
      take({ at, data, sizeAfter: Math.max(live.size(), at + data.length) })
    },
    resize: (size) => {
      const data = new Uint8Array(Math.max(0, live.size() - size))
      take({ at: size, data, sizeAfter: size })
    },
    sync: () => {
      pending.forEach(durable.apply)
      pending = []
    },
    current: () => live.copy(),
    afterCut,
  }
}

const bySector = (changes: readonly Change[], sectorBytes: number): Map<number, Change[]> => {
  const sectors = new Map<number, Change[]>()
  for (const change of changes) {
    if (change.data.length === 0) continue
    const last = Math.floor((change.at + change.data.length - 1) / sectorBytes)
    for (let sector = Math.floor(change.at / sectorBytes); sector <= last; sector += 1) {
      const known = sectors.get(sector)
      if (known === undefined) sectors.set(sector, [change])
      else known.push(change)
    }
  }
  return sectors
}

/** Bytes that grow in steps, since a new segment of the log is written in many small pieces. */
const createBytes = () => {
  let bytes = Buffer.alloc(0)
  let size = 0
  return {
    size: () => size,
    apply: ({ at, data, sizeAfter }: Change): void => {
      const needed = Math.max(sizeAfter, at + data.length)
      if (needed > bytes.length) {
        const larger = Buffer.alloc(Math.max(needed, bytes.length * 2))
        bytes.copy(larger)
        bytes = larger
      }
      bytes.set(data, at)
      size = sizeAfter
    },
    /** The first `length` bytes, with zeros after the last. */
    copy: (length = size): Buffer => {
      const copy = Buffer.alloc(length)
      bytes.copy(copy, 0, 0, Math.min(size, length))
      return copy
    },
  }
}
