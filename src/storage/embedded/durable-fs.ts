import { NodeFS } from '@electric-sql/pglite/nodefs'
import { closeSync, existsSync, fsyncSync, openSync } from 'node:fs'

/** What is used here of Emscripten's file system on Node; the types of PGlite do not show it. */
interface EmscriptenNodeFs {
  readonly tryFSOperation: (operation: () => void) => void
  readonly realPath: (node: Node) => string
  readonly node_ops: {
    mknod: (parent: Node, name: string, mode: number, device: unknown) => Node
    rename: (node: Node, newParent: Node, newName: string) => void
    unlink: (parent: Node, name: string) => void
    rmdir: (parent: Node, name: string) => void
  }
  readonly stream_ops: { fsync?: (stream: Stream) => void }
}

interface Node {
  readonly parent: Node
}

interface Stream {
  readonly node: Node & { readonly isFolder: boolean }
  /** The file descriptor. */
  readonly nfd: number
}

/**
 * The folder as the file system of an embedded PostgreSQL whose `fsync` is one. Emscripten's has none: PostgreSQL asks, is told
 * that all is on the disk, and nothing is. After an `fsync` here, names are on the disk too, all that were given or taken until
 * then: PostgreSQL syncs the folder after most renames, but leaves new files of tables to the kindness of the disk's format.
 */
export const createDurableFs = (folder: string): NodeFS => {
  const nodeFs = new NodeFS(folder)
  const init = nodeFs.init.bind(nodeFs)
  nodeFs.init = (pglite, options) =>
    init(pglite, {
      ...options,
      preRun: [
        ...(options.preRun ?? []),
        (module) => {
          // There in each build for Node: `NodeFS` itself mounts it.
          makeDurable(module.NODEFS as EmscriptenNodeFs)
        },
      ],
    })
  return nodeFs
}

const makeDurable = ({ tryFSOperation, realPath, node_ops, stream_ops }: EmscriptenNodeFs) => {
  const { mknod, rename, unlink, rmdir } = node_ops
  const changedFolders = new Set<string>()
  const changed = (node: Node): void => {
    changedFolders.add(realPath(node))
  }

  node_ops.mknod = (parent, name, mode, device) => {
    changed(parent)
    return mknod(parent, name, mode, device)
  }
  node_ops.rename = (node, newParent, newName) => {
    changed(node.parent)
    changed(newParent)
    rename(node, newParent, newName)
  }
  node_ops.unlink = (parent, name) => {
    changed(parent)
    unlink(parent, name)
  }
  node_ops.rmdir = (parent, name) => {
    changed(parent)
    rmdir(parent, name)
  }

  stream_ops.fsync = (stream) => {
    tryFSOperation(() => {
      if (!(stream.node.isFolder && cannotSyncFolders)) fsyncSync(stream.nfd)
      for (const path of changedFolders) {
        // One that was removed since has no names left.
        if (!cannotSyncFolders && existsSync(path)) syncFolder(path)
        changedFolders.delete(path)
      }
    })
  }
}

// Windows keeps a journal of names by itself, and refuses.
const cannotSyncFolders = process.platform === 'win32'

const syncFolder = (path: string): void => {
  const descriptor = openSync(path, 'r')
  try {
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}
