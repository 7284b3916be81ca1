import { execFile } from 'node:child_process'
import { appendFile, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { buildEarlier, lastWith } from '../upgrade/earlier.js'

const run = promisify(execFile)

/** Packs the version before, with another number: the same commit may be the one that is walked. */
export const packEarlier = async (folder: string, version: string): Promise<string> => {
  const earlier = await buildEarlier(await lastWith('src/commands/update.ts'))
  console.log(`The version before is ${earlier.commit}.`)
  const work = await mkdtemp(join(folder, 'earlier-'))
  await run('npm', ['pack', '--ignore-scripts', '--pack-destination', work], {
    cwd: earlier.folder,
  })
  const [tarball = ''] = await readdir(work)
  const file = await repack(join(work, tarball), folder, version)
  await rm(work, { recursive: true })
  return file
}

/** Packs a packed server anew under another number, after `change` has done something to it; resolves to the name of the file. */
export const repack = async (
  file: string,
  folder: string,
  version: string,
  change: (packed: string) => Promise<void> = () => Promise.resolve(),
): Promise<string> => {
  const work = await mkdtemp(join(folder, 'repack-'))
  await run('tar', ['-xzf', file, '-C', work])
  const manifest = join(work, 'package', 'package.json')
  const text = await readFile(manifest, 'utf8')
  await writeFile(manifest, text.replace(/"version": "[^"]+"/, `"version": "${version}"`))
  await change(join(work, 'package'))
  const name = `uzima-realtime-${version}.tgz`
  await run('tar', ['-czf', join(folder, name), '-C', work, 'package'])
  await rm(work, { recursive: true })
  return name
}

/** A version whose server cannot start. */
export const cannotStart = (packed: string): Promise<void> =>
  writeFile(join(packed, 'dist', 'main.js'), `throw new Error('This version is broken.')\n`)

/** A version that changes the schema, which those before it then refuse. */
export const migratesFurther = (packed: string): Promise<void> =>
  writeFile(join(packed, 'migrations', '9000-walk.sql'), 'create table of_the_walk (id integer);\n')

/** The same, and then it stands still before it listens. */
export const neverReady = async (packed: string): Promise<void> => {
  await migratesFurther(packed)
  // Where the server is told to listen, once its data is open and migrated.
  await appendFile(
    join(packed, 'dist', 'app.js'),
    `\nimport { Server } from 'node:net'\nServer.prototype.listen = function listen() { return this }\n`,
  )
}
