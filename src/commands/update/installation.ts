import { readdir, readFile, readlink, rename, rm, symlink } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { syncPath } from '../../storage/durable-files.js'
import { CommandError } from '../command-error.js'

const PACKAGE = join('node_modules', 'uzima-realtime')

/** Names a version for the service (`current`), and the one that carries an update out while one is under way (`updater`). */
type Link = 'current' | 'updater'

/**
 * The folder that `deploy/clinic/install.sh` has made: `versions` with a folder for each version, `current` that points to the
 * one that runs, `copies`, and `update.json` (`journal.ts`). Whatever is renamed or linked here survives a power cut.
 */
export interface Installation {
  readonly root: string
  readonly versions: string
  readonly copies: string
  /** The program of a version. */
  readonly cliOf: (version: string) => string
  /** The name of the newest migration that a version brings; empty where it has none. */
  readonly newestMigrationOf: (version: string) => Promise<string>
  readonly readLink: (link: Link) => Promise<string | undefined>
  /** Switches a link in one step. */
  readonly point: (link: Link, version: string) => Promise<void>
  readonly removeLink: (link: Link) => Promise<void>
  /** Who runs as the server, as `uzima.sh` or an update has noted it; empty where nobody has. */
  readonly readServer: () => Promise<string>
}

export const createInstallation = (root: string): Installation => {
  const versions = join(root, 'versions')
  return {
    root,
    versions,
    copies: join(root, 'copies'),
    cliOf: (version) => join(versions, version, PACKAGE, 'dist', 'cli.js'),
    newestMigrationOf: async (version) => {
      const names = await readdir(join(versions, version, PACKAGE, 'migrations')).catch(() => [])
      return (
        names
          .filter((name) => name.endsWith('.sql'))
          .sort()
          .at(-1) ?? ''
      )
    },
    readLink: async (link) => {
      const target = await readlink(join(root, link)).catch(() => undefined)
      return target === undefined ? undefined : basename(target)
    },
    point: async (link, version) => {
      const draft = join(root, `${link}.new`)
      await rm(draft, { force: true })
      await symlink(join('versions', version), draft)
      await rename(draft, join(root, link))
      await syncPath(root, 'folder')
    },
    removeLink: async (link) => {
      await rm(join(root, link), { force: true })
      await syncPath(root, 'folder')
    },
    readServer: () => readFile(join(root, 'server'), 'utf8').then(trim, () => ''),
  }
}

/** The version that runs; throws `CommandError` where the folder is none of `install.sh`. */
export const expectCurrent = async ({ root, readLink }: Installation): Promise<string> => {
  const current = await readLink('current')
  if (current !== undefined) return current
  throw new CommandError(
    'NO_INSTALLATION',
    `${root} is not a folder that deploy/clinic/install.sh has made. docs/clinic.md, "Install", has the steps; docs/operations.md, "Upgrade", those for other ways to run the service.`,
  )
}

const trim = (text: string): string => text.trim()
