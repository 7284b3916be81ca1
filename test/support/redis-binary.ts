import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { symlink } from 'node:fs/promises'
import { delimiter, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { librariesOf, unpackDebianPackage } from './debian-package.js'

/** The Redis server to start and what its environment needs on top of ours. */
export interface RedisBinary {
  readonly command: string
  readonly env: NodeJS.ProcessEnv
}

const run = promisify(execFile)

/**
 * Finds a Redis server: `redis-server` or `valkey-server` on the PATH, else the copy in
 * `.cache/redis`, which is made from Debian's packages without root and without installing them.
 *
 * @throws with the commands that install Redis when there is none
 */
export const findRedis = async (): Promise<RedisBinary> => {
  const onPath = process.env['TEST_REDIS_BIN'] ?? firstOnPath(['redis-server', 'valkey-server'])
  if (onPath !== undefined) return { command: onPath, env: {} }
  try {
    // Debian ships the server under the name of its checking tools; it decides by its own name.
    const named = (root: string) =>
      symlink('redis-check-rdb', join(root, 'usr', 'bin', 'redis-server'))
    return await unpacked(await unpackDebianPackage('redis-tools', 'redis', named))
  } catch (cause) {
    throw new Error(
      'Redis is missing: install it with `apt-get install redis-server` (Debian, Ubuntu) or ' +
        '`brew install redis` (macOS), or run `docker run -p 6379:6379 redis:7` and set ' +
        'TEST_REDIS_URL=redis://127.0.0.1:6379.',
      { cause },
    )
  }
}

const firstOnPath = (names: readonly string[]): string | undefined => {
  const folders = (process.env['PATH'] ?? '').split(delimiter)
  return names
    .flatMap((name) => folders.map((folder) => join(folder, name)))
    .find((file) => existsSync(file))
}

const unpacked = async (root: string): Promise<RedisBinary> => {
  const command = join(root, 'usr', 'bin', 'redis-server')
  const env = await librariesOf(root)
  await run(command, ['--version'], { env: { ...process.env, ...env }, cwd: dirname(command) })
  return { command, env }
}
