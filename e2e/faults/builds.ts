import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** A change of one file of a built server. */
export interface Patch {
  /** Below the root of the build. */
  readonly file: string
  readonly find: string
  readonly replace: string
}

/**
 * Copies the built server to a folder of its own inside the repository, where it finds its dependencies, and patches the
 * copy. So nobody who builds meanwhile changes what is under test. Throws where a patch finds nothing to change.
 */
export const copyBuild = async (
  repository: string,
  name: string,
  patches: readonly Patch[] = [],
): Promise<string> => {
  const root = join(repository, '.cache/faults', `${name}-${String(process.pid)}`)
  await rm(root, { recursive: true, force: true })
  await mkdir(root, { recursive: true })
  for (const part of ['dist', 'migrations', 'package.json']) {
    await cp(join(repository, part), join(root, part), { recursive: true })
  }
  for (const { file, find, replace } of patches) {
    const path = join(root, file)
    const text = await readFile(path, 'utf8')
    if (text.split(find).length !== 2) {
      throw new Error(`${name}: "${find}" must be in ${file} once; adapt the patch to the service.`)
    }
    await writeFile(
      path,
      text.replace(find, () => replace),
    )
  }
  return root
}

export const removeBuild = (root: string): Promise<void> =>
  rm(root, { recursive: true, force: true })
