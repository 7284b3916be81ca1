import { playClinicDay, type ClinicDayProgress, type ClinicDaySummary } from '@uzima/demo/day'
import { Command, InvalidArgumentError } from 'commander'
import {
  findAccess,
  withAccessFlags,
  type AccessFlags,
  type ServerAccess,
} from './server-access.js'
import { examples } from './examples.js'
import { say, type JsonFlag } from './output.js'
import { untilSignal } from './until-signal.js'

interface DemoFlags extends AccessFlags, JsonFlag {
  readonly speed: number
  readonly seed: string
}

const ENDINGS: Readonly<Record<ClinicDaySummary['ended'], string>> = {
  day_over: 'The day is over',
  interrupted: 'Stopped',
  request_limit: 'Stopped at the limit of requests',
}

/** `uzima demo`: plays a clinic's day against a running server until 18:00 or Ctrl-C. */
export const demoCommand = (): Command => {
  return withAccessFlags(
    new Command('demo').description(
      "play a clinic's day against a running server, through its public API",
    ),
  )
    .option('--speed <minutes>', 'simulated minutes per second', parseSpeed, 10)
    .option('--seed <text>', 'another seed, another day', 'uzima')
    .addHelpText('after', examples(['uzima demo --speed 60', 'an hour of the clinic in a second']))
    .action(async (flags: DemoFlags) => {
      await play(await findAccess(flags), flags)
    })
}

const play = async ({ url, getToken }: ServerAccess, flags: DemoFlags): Promise<void> => {
  const { speed, seed } = flags
  // The day goes by where a person watches; a program gets how it ended.
  const screen = createProgressLine(flags.json === true ? process.stderr : process.stdout)
  try {
    screen.say(`A clinic's day at ${url}, Ctrl-C stops it`)
    const summary = await untilSignal(({ signal }) =>
      playClinicDay({
        baseUrl: url,
        getToken,
        speed,
        seed,
        signal,
        onProgress: screen.show,
      }),
    )
    screen.end()
    say(
      flags,
      summary,
      `${ENDINGS[summary.ended]}: ${describe(summary)}, ${summary.requests.toString()} requests`,
    )
  } finally {
    screen.end()
  }
}

/** One line that is written over on a terminal; one line for each simulated hour elsewhere. */
const createProgressLine = (
  output: NodeJS.WriteStream,
): {
  say: (line: string) => void
  show: (progress: ClinicDayProgress) => void
  end: () => void
} => {
  let lastHour = ''
  let isLineOpen = false
  return {
    say: (line) => {
      output.write(`${line}\n`)
    },
    show: (progress) => {
      const hour = progress.time.slice(0, 2)
      if (output.isTTY) {
        output.write(`\r\u001b[K${describe(progress)}`)
        isLineOpen = true
      } else if (hour !== lastHour) {
        output.write(`${describe(progress)}\n`)
      }
      lastHour = hour
    },
    end: () => {
      if (isLineOpen) output.write('\n')
      isLineOpen = false
    },
  }
}

const describe = ({ time, movements, alerts, refusals }: ClinicDayProgress): string => {
  return `${time}  ${movements.toString()} movements, ${alerts.toString()} alerts, ${refusals.toString()} refusals`
}

const parseSpeed = (text: string): number => {
  const speed = Number(text)
  if (!(speed > 0) || !Number.isFinite(speed)) {
    throw new InvalidArgumentError('It is a number above 0.')
  }
  return speed
}
