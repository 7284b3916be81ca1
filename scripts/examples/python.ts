import { rmSync } from 'node:fs'
import { startProgram } from '../../test/support/program.js'
import type { RunningServer } from '../../test/support/server.js'
import { expectChange, installOnce, run } from './tools.js'

const FOLDER = 'examples/python'
const REQUIREMENTS = `${FOLDER}/requirements.txt`
const VENV = '.cache/python'
const PYTHON = `${VENV}/bin/python`

/** The client by default transports and by WebSocket alone, and the message that another back end sends. */
export const runPython = async (server: RunningServer): Promise<string> => {
  installOnce(REQUIREMENTS, `${VENV}/installed`, () => {
    rmSync(VENV, { recursive: true, force: true })
    run('python3', ['-m', 'venv', VENV], {
      remedy: 'Install it: apt-get install python3 python3-venv',
    })
    run(PYTHON, ['-m', 'pip', 'install', '--quiet', '--requirement', REQUIREMENTS])
  })
  const token = await server.login()
  for (const transports of [[], ['websocket']]) {
    const args = [`${FOLDER}/client.py`, server.url, token, ...transports]
    await using client = await startProgram(args, { command: PYTHON })
    await client.says(/^Connected as: admin$/m)
    const message = [`${FOLDER}/send.py`, server.url, token, 'shift:changed', '{"ward": 3}']
    await using sender = await startProgram(message, { command: PYTHON })
    await sender.says(/^Sent shift:changed: 202$/m)
    await client.says(/^Shift changed: ward 3$/m)
    await expectChange(client, server)
  }
  return 'connected by both transports, received a message of send.py and a change of stock.'
}
