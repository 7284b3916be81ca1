/**
 * `npm run recording`: types what the README types, in terminals of a folder in which the packed server was just
 * installed, and draws what came as `docs/recording.svg`. Port 3000 has to be free; takes half a minute.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { copyFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { stripVTControlCharacters } from 'node:util'
import { installPacked } from '../e2e/packed-folder.js'
import { drawRecording, type Terminal } from './recording/svg.js'

const TARGET = 'docs/recording.svg'
const TITLE =
  'Terminals: the server starts in an empty folder, a listener and a stock Socket.IO client connect, and what is sent and booked arrives.'
const WITHIN_MS = 60_000
/** Of an event that a stock client prints, the beginning. */
const MAX_LINES = 12

interface LiveTerminal {
  readonly record: () => Terminal
  /** Waits until it has said so. */
  readonly says: (pattern: RegExp) => Promise<void>
  readonly close: () => void
}

const main = async (): Promise<void> => {
  await using folder = await installPacked()
  await copyFile('examples/client/client.js', join(folder.path, 'client.js'))
  const startedAt = performance.now()
  const terminals: LiveTerminal[] = []
  const type = (command: string): LiveTerminal => {
    const terminal = openTerminal(command, folder.path, startedAt)
    terminals.push(terminal)
    return terminal
  }
  try {
    const server = type('npx uzima-realtime')
    await server.says(/patient +lindiwe\S* +\S+\n/)
    const listener = type('npx uzima listen')
    await listener.says(/Connected at/)
    const client = type('node client.js http://localhost:3000 "$(npx uzima token admin)"')
    await client.says(/Connected as/)
    await type(`npx uzima send hello '{"from":"the third terminal"}' --all`).says(/Sent hello/)
    await listener.says(/the third terminal/)
    type('npx uzima demo')
    await client.says(/Inventory updated/)
    await listener.says(/(?:inventory:update.*[^]*){3}/)
  } finally {
    for (const terminal of terminals) terminal.close()
  }
  const records = terminals.map(({ record }) => record())
  await writeFile(TARGET, drawRecording(TITLE, records))
  // Until they are gone from the folder that ends with us.
  await delay(2_000)
}

/** Runs a command in a terminal of its own, as `script` makes one. */
const openTerminal = (command: string, folder: string, startedAt: number): LiveTerminal => {
  const seconds = (): number => (performance.now() - startedAt) / 1_000
  const typedAt = seconds()
  const child: ChildProcess = spawn('script', ['-qefc', command, '/dev/null'], {
    cwd: folder,
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const lines: { at: number; text: string }[] = []
  let text = ''
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
    text += stripVTControlCharacters(chunk).replaceAll('\r', '')
    const whole = text.split('\n').slice(0, -1)
    for (const line of whole.slice(lines.length)) {
      lines.push({ at: seconds(), text: withoutSecrets(line.replaceAll(folder, '.')) })
    }
  })
  return {
    record: () => ({ command, typedAt, lines: beginningOf(lines) }),
    says: async (pattern) => {
      const deadline = performance.now() + WITHIN_MS
      while (!pattern.test(text)) {
        if (performance.now() > deadline) throw new Error(`${command} did not say it:\n${text}`)
        await delay(20)
      }
    },
    close: () => {
      // The terminal hangs up on everything in it.
      child.kill('SIGKILL')
    },
  }
}

const beginningOf = (lines: Terminal['lines']): Terminal['lines'] => {
  const last = lines[MAX_LINES - 1]
  if (last === undefined || lines.length === MAX_LINES) return lines
  return [...lines.slice(0, MAX_LINES - 1), { ...last, text: '…' }]
}

/** The passwords open nothing any more; still, nobody should get used to seeing some in documents. */
const withoutSecrets = (line: string): string =>
  line.replace(/^( {2}\w+ +[\w.]+ +)\S+$/, (_, account: string) => `${account}••••••••••••`)

await main()
