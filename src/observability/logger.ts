import { pino, type DestinationStream } from 'pino'
import { errorLine } from './error-line.js'
import { createPaint } from './printable.js'
import { readableLine } from './readable-line.js'
import { redactLine } from './redact.js'

export type { Logger } from 'pino'

export interface LoggerOptions {
  readonly level: string
  /** Name of the node; a member of every line. */
  readonly name: string
  /** Lines for people instead of JSON. Default: where standard output is a terminal. */
  readonly isReadable?: boolean
  /** Where the lines go. Default: standard output; a reader that goes away ends the lines, not the process. */
  readonly destination?: DestinationStream
}

/** Makes the logger of the process: one JSON object a line, secrets and tokens replaced, causes of errors included. */
export const createLogger = (options: LoggerOptions) => {
  const isReadable =
    options.isReadable ?? (options.destination === undefined && process.stdout.isTTY)
  const destination = options.destination ?? pino.destination({ fd: process.stdout.fd, sync: true })
  const paint = createPaint(process.stdout)
  return pino(
    {
      level: options.level,
      name: options.name,
      base: {},
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (level) => ({ level }) },
      serializers: { err: errorLine, error: errorLine },
      hooks: {
        streamWrite: isReadable ? (line) => readableLine(redactLine(line), paint) : redactLine,
      },
    },
    destination,
  )
}
