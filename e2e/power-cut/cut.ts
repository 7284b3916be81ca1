import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Random } from '../rig/random.js'
import type { Disk, Entry, Folder } from './disk.js'
import type { Leaves } from './file.js'

/** What a power cut does to what was not synced. */
export interface Cut {
  /**
   * Which names are left: the synced ones; those of a journal, which keeps the order of all changes and is cut somewhere; or
   * those of each folder as of any moment since its own sync, which is all that POSIX promises.
   */
  readonly names: 'synced' | 'all' | 'journal' | 'by folder'
  /** What is left of each file; `mixed` draws for each. */
  readonly files: Leaves | 'mixed'
  /** 512 or 4,096: the bytes that a disk writes whole or not at all. */
  readonly sectorBytes: number
}

export const drawCut = (random: Random): Cut => ({
  names: random.pick(['synced', 'all', 'journal', 'by folder'] as const),
  files: random.pick(['nothing', 'all', 'some sectors', 'mixed', 'mixed'] as const),
  sectorBytes: random.pick([512, 4_096]),
})

/** Writes into `target`, which must not be there, what `cut` leaves of the disk. */
export const writeWhatIsLeft = async (
  disk: Disk,
  cut: Cut,
  target: string,
  random: Random,
): Promise<void> => {
  const journalEnd = random.int(disk.namesSyncedAt(), disk.now())
  const entriesOf = (folder: Folder): ReadonlyMap<string, Entry> => {
    const versions = [folder.synced, ...folder.pending.map(({ after }) => after)]
    switch (cut.names) {
      case 'synced':
        return folder.synced
      case 'all':
        return folder.entries
      case 'journal':
        return folder.pending.findLast(({ at }) => at <= journalEnd)?.after ?? folder.synced
      case 'by folder':
        return random.pick(versions)
    }
  }
  const leavesOf = (): Leaves =>
    cut.files === 'mixed' ? random.pick(['nothing', 'all', 'some sectors'] as const) : cut.files

  const writeFolder = async (folder: Folder, path: string): Promise<void> => {
    await mkdir(path)
    for (const [name, entry] of entriesOf(folder)) {
      const at = join(path, name)
      if (entry.kind === 'folder') await writeFolder(entry, at)
      else await writeFile(at, entry.afterCut(leavesOf(), cut.sectorBytes, random))
    }
  }
  await writeFolder(disk.root, target)
}
