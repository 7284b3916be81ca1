import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** The packages of ours that the server runs on; the page needs none, it is built whole. */
const BROUGHT = ['contracts', 'client', 'demo']
/** Entries of theirs that are for browsers. */
const LEFT_OUT = ['./browser', './react']

/**
 * Copies what the server runs on of our own packages into `dist/node_modules`, where Node and compilers find it before
 * anything else: what `npm pack` makes of the server then needs no package that is on no registry. Their own dependencies are
 * those of the server, at the same versions; any other is an error.
 */
export const bringPackages = (root) => {
  const { dependencies: known } = readManifest(root)
  const target = join(root, 'dist/node_modules')
  rmSync(target, { recursive: true, force: true })
  for (const folder of BROUGHT) {
    const source = join(root, 'packages', folder)
    const { name, version, type, exports, dependencies } = readManifest(source)
    for (const [needed, wanted] of Object.entries(dependencies)) {
      if (!needed.startsWith('@uzima/') && known[needed] !== wanted) {
        throw new Error(`${name} needs ${needed} ${wanted}, which the server does not depend on.`)
      }
    }
    const copy = join(target, name)
    mkdirSync(copy, { recursive: true })
    const unwanted = LEFT_OUT.map((entry) => join(source, exports[entry]?.default ?? entry))
    const isWanted = (path) => !unwanted.includes(path) && !path.endsWith('.tsbuildinfo')
    cpSync(join(source, 'dist'), join(copy, 'dist'), { recursive: true, filter: isWanted })
    const manifest = { name, version, type, exports: wantedEntries(exports) }
    writeFileSync(join(copy, 'package.json'), `${JSON.stringify(manifest, undefined, 2)}\n`)
  }
}

const readManifest = (folder) => JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))

/** Without the condition that leads to the sources, which are not brought. */
const wantedEntries = (exports) =>
  Object.fromEntries(
    Object.entries(exports)
      .filter(([entry]) => !LEFT_OUT.includes(entry))
      .map(([entry, { types, default: code }]) => [entry, { types, default: code }]),
  )
