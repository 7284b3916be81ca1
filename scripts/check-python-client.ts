/**
 * Connects python-socketio to the built server: by default transports, then by WebSocket alone. It must print who it is,
 * and a change of stock made over REST. Needs python3 with venv; its packages go to .cache/python.
 */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startProgram } from '../test/support/program.js'
import { startServer } from '../test/support/server.js'

const folder = fileURLToPath(new URL('python-client', import.meta.url))
const cache = fileURLToPath(new URL('../.cache/python', import.meta.url))
const python = join(cache, 'bin', 'python')

const main = async (): Promise<void> => {
  installClient()
  await using server = await startServer()
  const token = await server.login()
  await server.api(token, 'POST', '/api/inventory', {
    sku: 'ORS-1',
    name: 'Oral rehydration salts',
  })
  for (const transports of [[], ['websocket']]) {
    const name = transports.join() || 'default transports'
    await using client = await startProgram(
      [join(folder, 'client.py'), server.url, token, ...transports],
      {
        command: python,
      },
    )
    await client.says(/^Connected as: admin$/m)
    const lot = { lotNumber: `L-${name}`, quantity: 10, expiryDate: '2099-12-31' }
    await server.api(token, 'POST', '/api/inventory/ORS-1/lots', lot)
    await client.says(/^Inventory updated: ORS-1 \d+$/m)
    console.log(`python-socketio, ${name}: connected, and received a change of stock.`)
  }
}

/** Makes .cache/python anew where the list of packages has changed. */
const installClient = (): void => {
  const requirements = join(folder, 'requirements.txt')
  const wanted = createHash('sha256').update(readFileSync(requirements)).digest('hex')
  const stamp = join(cache, 'installed')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return
  rmSync(cache, { recursive: true, force: true })
  run('python3', ['-m', 'venv', cache], 'Install it: apt-get install python3 python3-venv')
  run(python, ['-m', 'pip', 'install', '--quiet', '--requirement', requirements], 'pip failed.')
  writeFileSync(stamp, wanted)
}

const run = (command: string, args: readonly string[], remedy: string): void => {
  const { status, error } = spawnSync(command, args, { stdio: ['ignore', 'inherit', 'inherit'] })
  if (status === 0) return
  console.error(`${command} ${args.join(' ')}: ${error?.message ?? `exit code ${String(status)}`}`)
  console.error(remedy)
  process.exit(1)
}

await main()
