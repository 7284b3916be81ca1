import { symlinkSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { startProgram } from '../../test/support/program.js'
import { installOnce, run } from './tools.js'

const FOLDER = 'examples/nestjs-backend'

/** Types, a socket that is let in and hears what Nest's controller sends, one that is refused, and the end. */
export const runNest = async (): Promise<string> => {
  installOnce(`${FOLDER}/package-lock.json`, `${FOLDER}/node_modules/installed`, () => {
    run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: FOLDER })
    // This repository, as `npm install ../uzima-realtime` would link it.
    symlinkSync('../../..', `${FOLDER}/node_modules/uzima-realtime`)
  })
  run('npx', ['tsc', '-p', FOLDER])
  await using backend = await startProgram(['--import', 'tsx', 'main.ts'], {
    cwd: FOLDER,
    env: { PORT: '0' },
  })
  const [, url = ''] = await backend.says(/Example back end at (\S+)/)
  await using client = await startProgram(['examples/client/client.js', url, 'amina'])
  await client.says(/^Connected as: amina$/m)
  await using stranger = await startProgram(['examples/client/client.js', url, 'nobody'])
  const { status } = await fetch(`${url}/announcements`, { method: 'POST' })
  if (status !== 202) throw new Error(`POST /announcements answered ${String(status)}.`)
  await client.says(/Inventory updated: \{ item: 'medicine-x', quantity: 100 \}/)
  if (stranger.output() !== '') throw new Error(`A stranger heard ${stranger.output()}`)
  backend.signal('SIGTERM')
  const ended = new AbortController()
  const patience = delay(30_000, undefined, { signal: ended.signal })
  const exit = await Promise.race([backend.exited, patience])
  ended.abort()
  if (exit === undefined) throw new Error('It does not end by SIGTERM.')
  return 'types check, one client connected and heard its controller, a stranger did not; it ended by SIGTERM.'
}
