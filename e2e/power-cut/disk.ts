import { basename, dirname } from 'node:path'
import type { FileEvent } from './events.js'
import { createFile, type RecordedFile } from './file.js'

/** A file or a folder, by whatever names it has. */
export type Entry = RecordedFile | Folder

export interface Folder {
  readonly kind: 'folder'
  /** The names as a process sees them. */
  readonly entries: Map<string, Entry>
  /** The names as of the last sync of this folder. */
  synced: ReadonlyMap<string, Entry>
  /** What was done to the names since then. */
  pending: { readonly at: number; readonly after: ReadonlyMap<string, Entry> }[]
}

/** What processes see of the recorded folders, and what of it is on the disk for good. */
export interface Disk {
  readonly root: Folder
  /** Takes the next event. */
  readonly apply: (event: FileEvent) => void
  /** How many events it took. */
  readonly now: () => number
  /** The event that last made names durable. */
  readonly namesSyncedAt: () => number
}

/** An empty disk: its root is the folder above `top`, the recorded one. */
export const createDisk = (top: string): Disk => {
  const root = createFolder()
  const parent = dirname(top)
  const descriptors = new Map<number, Entry>()
  let at = 0
  let syncedAt = 0

  const find = (path: string): Entry => {
    const names = path.slice(parent.length).split('/').filter(Boolean)
    return names.reduce<Entry>((entry, name) => {
      const next = entry.kind === 'folder' ? entry.entries.get(name) : undefined
      if (next === undefined) throw new Error(`${path} is not in the record.`)
      return next
    }, root)
  }
  const folderOf = (path: string): Folder => {
    const folder = find(dirname(path))
    if (folder.kind !== 'folder') throw new Error(`${dirname(path)} is no folder.`)
    return folder
  }
  const fileAt = (entry: Entry | undefined): RecordedFile => {
    if (entry?.kind !== 'file') throw new Error('What was written to is no file of the record.')
    return entry
  }
  const rename = (folder: Folder, change: (entries: Map<string, Entry>) => void): void => {
    change(folder.entries)
    folder.pending.push({ at, after: new Map(folder.entries) })
  }
  const sync = (entry: Entry | undefined): void => {
    if (entry?.kind === 'file') entry.sync()
    else if (entry !== undefined) {
      entry.synced = new Map(entry.entries)
      entry.pending = []
      syncedAt = at
    }
  }
  const put = (path: string, entry: Entry): void => {
    rename(folderOf(path), (entries) => entries.set(basename(path), entry))
  }
  const take = (path: string): void => {
    rename(folderOf(path), (entries) => entries.delete(basename(path)))
  }

  const apply = (event: FileEvent): void => {
    at += 1
    switch (event.op) {
      case 'open': {
        const entry = find(event.path)
        descriptors.set(event.fd, entry)
        if (event.truncates) fileAt(entry).resize(0)
        break
      }
      case 'write':
        fileAt(descriptors.get(event.fd)).write(event.at, event.data)
        break
      case 'resize':
        fileAt(descriptors.get(event.fd)).resize(event.size)
        break
      case 'resizePath':
        fileAt(find(event.path)).resize(event.size)
        break
      case 'sync':
        sync(descriptors.get(event.fd))
        break
      case 'syncPath':
        sync(find(event.path))
        break
      case 'create': {
        const file = createFile()
        file.write(0, event.data)
        put(event.path, file)
        break
      }
      case 'mkdir':
        put(event.path, createFolder())
        break
      case 'rename': {
        if (dirname(event.from) !== dirname(event.to)) {
          throw new Error('A rename into another folder is not in the model.')
        }
        const entry = find(event.from)
        rename(folderOf(event.from), (entries) => {
          entries.delete(basename(event.from))
          entries.set(basename(event.to), entry)
        })
        break
      }
      case 'unlink':
      case 'rmdir':
        take(event.path)
        break
      case 'said':
        break
    }
  }

  return { root, apply, now: () => at, namesSyncedAt: () => syncedAt }
}

const createFolder = (): Folder => ({
  kind: 'folder',
  entries: new Map(),
  synced: new Map(),
  pending: [],
})
