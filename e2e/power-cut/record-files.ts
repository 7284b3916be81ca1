import { createRequire, syncBuiltinESMExports } from 'node:module'
import { dirname, sep } from 'node:path'
import type nodeFs from 'node:fs'
import type { PathLike } from 'node:fs'
import { encodeEvent, type FileEvent, type Saying } from './events.js'

// The object whose members NODEFS and our own modules call.
const fs = createRequire(import.meta.url)('node:fs') as typeof nodeFs
const original = { ...fs, promises: { ...fs.promises } }

const environment = (name: string): string => {
  const value = process.env[name]
  if (value === undefined) throw new Error(`${name} is not set.`)
  return value
}
/** The folder whose changes are recorded. */
export const recordedFolder = environment('RECORDED_FOLDER')
const record = original.openSync(environment('RECORD_FILE'), 'a')

const note = (event: FileEvent): void => {
  original.writeSync(record, encodeEvent(event))
}

/** Puts a word of the load itself among the events. */
export const say = (what: Saying): void => {
  note({ op: 'said', what })
}

/** The recorded folder, what is in it, and the one that it is made as. */
const isRecorded = (path: unknown): path is string =>
  typeof path === 'string' &&
  [recordedFolder, `${recordedFolder}.new`].some(
    (top) => path === top || path.startsWith(top + sep),
  )

const descriptors = new Set<number>()
// Some versions of Node build writeFileSync of the functions below.
const within = { writeFile: false }

const bytesOf = (data: unknown): Uint8Array => {
  if (typeof data === 'string') return Buffer.from(data)
  if (ArrayBuffer.isView(data)) {
    return Uint8Array.from(new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
  }
  throw new Error('The recorder does not know this kind of data.')
}

/** A path that this recorder does not follow must not be in the folder: else the record would have a hole. */
const refuse = (name: string, path: unknown): void => {
  if (isRecorded(path)) throw new Error(`The recorder does not know ${name}.`)
}

// What NODEFS and the durable file system call.
Object.assign(fs, {
  openSync(...args: Parameters<typeof fs.openSync>) {
    const fd = original.openSync(...args)
    const [path, flags] = args
    if (isRecorded(path) && !within.writeFile) {
      descriptors.add(fd)
      const truncates = typeof flags === 'number' && (flags & fs.constants.O_TRUNC) !== 0
      note({ op: 'open', fd, path, truncates })
    }
    return fd
  },
  closeSync(fd: number) {
    descriptors.delete(fd)
    original.closeSync(fd)
  },
  writeSync(fd: number, data: Uint8Array, offset: number, length: number, at: number) {
    const written = original.writeSync(fd, data, offset, length, at)
    if (descriptors.has(fd)) {
      note({ op: 'write', fd, at, data: bytesOf(data.subarray(offset, offset + written)) })
    }
    return written
  },
  ftruncateSync(fd: number, size: number) {
    original.ftruncateSync(fd, size)
    if (descriptors.has(fd)) note({ op: 'resize', fd, size })
  },
  truncateSync(path: PathLike, size: number) {
    original.truncateSync(path, size)
    if (isRecorded(path)) note({ op: 'resizePath', path, size })
  },
  fsyncSync(fd: number) {
    original.fsyncSync(fd)
    if (descriptors.has(fd)) note({ op: 'sync', fd })
  },
  fdatasyncSync(fd: number) {
    if (descriptors.has(fd)) throw new Error('The recorder does not know fdatasync.')
    original.fdatasyncSync(fd)
  },
  writeFileSync(...args: Parameters<typeof fs.writeFileSync>) {
    const [path, data] = args
    within.writeFile = true
    try {
      original.writeFileSync(...args)
    } finally {
      within.writeFile = false
    }
    if (isRecorded(path)) note({ op: 'create', path, data: bytesOf(data) })
  },
  mkdirSync(...args: Parameters<typeof fs.mkdirSync>) {
    const made = original.mkdirSync(...args)
    const [path] = args
    if (isRecorded(path)) note({ op: 'mkdir', path })
    return made
  },
  renameSync(from: PathLike, to: PathLike) {
    original.renameSync(from, to)
    if (isRecorded(from) && isRecorded(to)) note({ op: 'rename', from, to })
  },
  unlinkSync(path: PathLike) {
    original.unlinkSync(path)
    if (isRecorded(path)) note({ op: 'unlink', path })
  },
  rmdirSync(path: PathLike) {
    original.rmdirSync(path)
    if (isRecorded(path)) note({ op: 'rmdir', path })
  },
  symlinkSync(...args: Parameters<typeof fs.symlinkSync>) {
    refuse('symlink', args[1])
    original.symlinkSync(...args)
  },
})

// What our own modules call to make a folder.
Object.assign(fs.promises, {
  async mkdir(...args: Parameters<typeof fs.promises.mkdir>) {
    const [path] = args
    const isNew = isRecorded(path) && !fs.existsSync(path)
    const made = await original.promises.mkdir(...args)
    if (isNew) note({ op: 'mkdir', path })
    return made
  },
  async writeFile(...args: Parameters<typeof fs.promises.writeFile>) {
    await original.promises.writeFile(...args)
    const [path, data] = args
    if (isRecorded(path)) note({ op: 'create', path, data: bytesOf(data) })
  },
  async rename(from: PathLike, to: PathLike) {
    await original.promises.rename(from, to)
    if (isRecorded(from) && isRecorded(to)) note({ op: 'rename', from, to })
  },
  async rmdir(path: PathLike) {
    await original.promises.rmdir(path)
    if (isRecorded(path)) note({ op: 'rmdir', path })
  },
  async rm(...args: Parameters<typeof fs.promises.rm>) {
    const [path] = args
    const isThere = isRecorded(path) && fs.existsSync(path)
    if (isThere && fs.statSync(path).isDirectory()) refuse('rm of a folder', path)
    await original.promises.rm(...args)
    if (isThere) note({ op: 'unlink', path })
  },
  async unlink(path: PathLike) {
    refuse('unlink', path)
    await original.promises.unlink(path)
  },
  async link(...args: Parameters<typeof fs.promises.link>) {
    refuse('link', args[1])
    await original.promises.link(...args)
  },
  async open(...args: Parameters<typeof fs.promises.open>) {
    const handle = await original.promises.open(...args)
    const [path] = args
    const sync = handle.sync.bind(handle)
    handle.sync = async () => {
      await sync()
      if (isRecorded(path)) note({ op: 'syncPath', path })
      // Its names are those of the recorded folders.
      if (typeof path === 'string' && path === dirname(recordedFolder))
        note({ op: 'syncPath', path })
    }
    return handle
  },
})

syncBuiltinESMExports()
