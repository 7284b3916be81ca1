import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Disk, Folder } from './disk.js'

/** @throws where the folder is not what the recorded events made of it: then something was done past the recorder */
export const expectSame = async (disk: Disk, folder: string): Promise<void> => {
  const differing: string[] = []
  const compare = async (recorded: Folder, path: string): Promise<void> => {
    const found = await readdir(path, { withFileTypes: true })
    const names = new Set([...found.map(({ name }) => name), ...recorded.entries.keys()])
    for (const name of names) {
      const entry = recorded.entries.get(name)
      const real = found.find((candidate) => candidate.name === name)
      const at = join(path, name)
      if (entry === undefined || real?.isDirectory() !== (entry.kind === 'folder')) {
        differing.push(at)
      } else if (entry.kind === 'folder') await compare(entry, at)
      else if (!entry.current().equals(await readFile(at))) differing.push(at)
    }
  }
  await compare(disk.root, folder)
  if (differing.length > 0) throw new Error(`The record has a hole: ${differing.join(', ')}`)
}
