import { systemSchema, type System, type SystemNode } from '@uzima/contracts'
import { Command } from 'commander'
import { setTimeout as delay } from 'node:timers/promises'
import { createPaint, printableLine, type Paint } from '../observability/printable.js'
import { parseCount } from './arguments.js'
import { examples } from './examples.js'
import { failureOf } from './failure.js'
import { table, writeLine, type JsonFlag } from './output.js'
import { createRest } from './rest.js'
import { findAccess, withAccessFlags, type AccessFlags } from './server-access.js'
import { untilSignal } from './until-signal.js'

interface TopFlags extends AccessFlags, JsonFlag {
  readonly every: number
  readonly count?: number
}

/** `uzima top`: how every node is, over and over until Ctrl-C. */
export const topCommand = (): Command =>
  withAccessFlags(
    new Command('top')
      .description('watch connections, events and latency of every node; asks a running server')
      .option('--every <seconds>', 'time between two looks', parseCount, 2)
      .option('--count <n>', 'stop after so many looks', parseCount)
      .option('--json', 'one JSON object a look'),
  )
    .addHelpText(
      'after',
      examples(
        ['uzima top', 'a picture that stays in place on a terminal, lines elsewhere'],
        ['uzima top --json --count 1', 'one look, for a program'],
      ),
    )
    .action(async (flags: TopFlags) => {
      const { url, getToken } = await findAccess(flags)
      const rest = createRest(url, getToken)
      const paint = createPaint(process.stdout)
      const isLive = process.stdout.isTTY && flags.json !== true
      const look = async (): Promise<string> => {
        const system = await rest.request('GET', '/api/system', systemSchema)
        if (flags.json === true) return JSON.stringify(system)
        return isLive ? `${CLEAR}${pictureOf(system, url, paint)}` : linesOf(system).join('\n')
      }
      await untilSignal(async ({ signal }) => {
        for (let looks = 1; !signal.aborted; looks += 1) {
          const shown = await look().catch((error: unknown) => {
            if (!isLive) throw error
            // Who watches wants to see it come back.
            return `${CLEAR}${printableLine(failureOf(error).message)} Trying again; Ctrl-C ends.`
          })
          await writeLine(shown)
          if (looks === flags.count) return
          await delay(flags.every * 1_000, undefined, { signal }).catch(ignore)
        }
      })
    })

/** To the upper left, and nothing below. */
const CLEAR = '\u001b[H\u001b[2J'

const HEADS = [
  'NODE',
  'STATE',
  'CONNECTIONS',
  'EVENTS/S',
  'DELIVERY MS',
  'LOG AGE MS',
  'DATABASE',
  'REDIS',
]

const pictureOf = (system: System, url: string, paint: Paint): string => {
  const [heads = '', ...rows] = table(HEADS, system.nodes.map(cellsOf)).split('\n')
  const total = system.nodes.reduce((sum, { series }) => sum + (series.connections.at(-1) ?? 0), 0)
  return [
    `${url}  ${new Date().toISOString()}  ${total.toString()} connections. Ctrl-C ends.`,
    paint(heads, 'bold'),
    ...rows.map((row, index) => (system.nodes[index]?.ready === true ? row : paint(row, 'red'))),
    ...system.missingNodes.map((node) => paint(`${node}  does not answer`, 'red')),
  ].join('\n')
}

const linesOf = ({ nodes, missingNodes }: System): string[] => [
  ...nodes.map((node) => {
    const [name = '', state = '', ...figures] = cellsOf(node)
    const told = figures.map(
      (figure, index) => `${(HEADS[index + 2] ?? '').toLowerCase()} ${figure}`,
    )
    return `${new Date().toISOString()}  ${name}  ${state}  ${told.join(', ')}`
  }),
  ...missingNodes.map((node) => `${new Date().toISOString()}  ${node}  does not answer`),
]

/** The newest step of each figure; a node that has just started has none. */
const cellsOf = ({ node, ready, database, redis, series }: SystemNode): string[] => [
  node,
  ready ? 'ready' : 'not ready',
  figure(series.connections.at(-1)),
  figure(series.eventsPerSecond.at(-1)),
  figure(series.deliveryMs.at(-1)),
  figure(series.logAgeMs.at(-1)),
  database,
  redis,
]

const figure = (value: number | null | undefined): string =>
  value === null || value === undefined ? '-' : (Math.round(value * 10) / 10).toString()

const ignore = (): void => {
  // Ctrl-C.
}
