import { Command } from 'commander'
import { createPaint, printableLine } from '../observability/printable.js'
import { parseCount } from './arguments.js'
import { eventLine } from './event-line.js'
import { examples } from './examples.js'
import { receiveLiveEvents } from './live-events.js'
import type { JsonFlag } from './output.js'
import { findAccess, withAccessFlags, type AccessFlags } from './server-access.js'
import { untilSignal } from './until-signal.js'

interface ListenFlags extends AccessFlags, JsonFlag {
  readonly count?: number
}

/** `uzima listen`: prints live events until Ctrl-C; what is said of the connection goes to standard error. */
export const listenCommand = (): Command =>
  withAccessFlags(
    new Command('listen')
      .description('print live events until stopped; next to a running server no flag is needed')
      .option('--json', 'one JSON object a line')
      .option('--count <n>', 'stop after so many events', parseCount),
  )
    .addHelpText(
      'after',
      examples(
        ['uzima listen', 'next to a running server, as administrator'],
        ['uzima listen --json --count 1', 'waits for one event and ends'],
      ),
    )
    .action(listen)

const listen = async (flags: ListenFlags): Promise<void> => {
  const access = await findAccess(flags)
  const paint = createPaint(process.stdout)
  let left = flags.count ?? Infinity
  const say = (text: string): void => {
    process.stderr.write(`${printableLine(text)}\n`)
  }

  await untilSignal((stop) =>
    receiveLiveEvents({
      access,
      signal: stop.signal,
      onConnected: ({ username, role, resumed, position }) => {
        const from = position === null ? '' : `, events after #${position.seq.toString()}`
        say(`${resumed ? 'Resumed' : 'Connected'} at ${access.url} as ${username} (${role})${from}`)
      },
      onLost: (reason) => {
        say(`Not connected (${reason}); trying again`)
      },
      onEvent: (event, data) => {
        if (left <= 0) return
        console.log(
          flags.json === true
            ? JSON.stringify({ event, data })
            : eventLine(event, data, new Date(), paint),
        )
        left -= 1
        if (left <= 0) stop.abort()
      },
    }),
  )
}
