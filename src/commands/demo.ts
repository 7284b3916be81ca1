import { playClinicDay, type ClinicDayProgress, type ClinicDaySummary } from '@uzima/demo/day'
import { Command, InvalidArgumentError } from 'commander'
import {
  findAccess,
  withAccessFlags,
  type AccessFlags,
  type ServerAccess,
} from './server-access.js'
import { untilSignal } from './until-signal.js'

interface DemoFlags extends AccessFlags {
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
    .action(async (flags: DemoFlags) => {
      await play(await findAccess(flags), flags)
    })
}

const play = async ({ url, getToken }: ServerAccess, { speed, seed }: DemoFlags): Promise<void> => {
  const screen = createProgressLine(process.stdout)
  try {
    process.stdout.write(`A clinic's day at ${url}, Ctrl-C stops it\n`)
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
    process.stdout.write(
      `${ENDINGS[summary.ended]}: ${describe(summary)}, ${summary.requests.toString()} requests\n`,
    )
  } finally {
    screen.end()
  }
}

/** One line that is written over on a terminal; one line for each simulated hour elsewhere. */
const createProgressLine = (
  output: NodeJS.WriteStream,
): {
  show: (progress: ClinicDayProgress) => void
  end: () => void
} => {
  let lastHour = ''
  let isLineOpen = false
  return {
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
