import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { RunningServer } from '../../test/support/server.js'
import type { Program } from '../../test/support/program.js'

const repository = fileURLToPath(new URL('../..', import.meta.url))

/** A tool is not on this machine; the message says how to install it. */
export class MissingToolError extends Error {
  override readonly name = 'MissingToolError'
}

/** Runs a command of an installation to its end. Throws what it printed where it fails, or the remedy where it is not there. */
export const run = (
  command: string,
  args: readonly string[],
  { remedy = '', cwd = repository }: { readonly remedy?: string; readonly cwd?: string } = {},
): void => {
  const { status, error, stdout, stderr } = spawnSync(command, args, { cwd, encoding: 'utf8' })
  if (status === 0) return
  if (error !== undefined) throw new MissingToolError(`${command} is not installed. ${remedy}`)
  throw new Error(`${command} ${args.join(' ')} failed. ${remedy}\n${stdout}${stderr}`)
}

/** Calls `install` unless it has ended well since `source`, a file of the repository, has last changed. */
export const installOnce = (source: string, stamp: string, install: () => void): void => {
  const wanted = createHash('sha256')
    .update(readFileSync(join(repository, source)))
    .digest('hex')
  const path = join(repository, stamp)
  if (existsSync(path) && readFileSync(path, 'utf8') === wanted) return
  install()
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, wanted)
}

/** Waits until a client has said who it is, books a lot, and waits until it has told that. */
export const expectChange = async (client: Program, server: RunningServer): Promise<void> => {
  await client.says(/^Connected as: admin$/m)
  const lot = {
    lotNumber: `L-${String(client.pid)}`,
    quantity: 10,
    expiryDate: '2099-12-31',
  }
  await server.api(await server.login(), 'POST', '/api/inventory/ORS-1/lots', lot)
  await client.says(/^Inventory updated: ORS-1 \d+$/m)
}
