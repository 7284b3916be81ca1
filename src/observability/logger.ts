import { pino, type DestinationStream } from 'pino'
import { errorLine } from './error-line.js'
import { createPaint } from './printable.js'
import { readableLine } from './readable-line.js'
import { redactLine } from './redact.js'

export type { DestinationStream as LogDestination, Logger } from 'pino'

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
  const destination = options.destination ?? createStandardOutput()
  const paint = createPaint(process.stdout)
  return pino(
    {
      level: options.level,
      name: options.name,
      base: {},
      timestamp: createTimestamp(),
      formatters: { level: (level) => ({ level }) },
      serializers: { err: errorLine, error: errorLine },
      hooks: {
        streamWrite: isReadable ? (line) => readableLine(redactLine(line), paint) : redactLine,
      },
    },
    destination,
  )
}

/** The member `time` of a line. A crowd that connects has many lines in a millisecond. */
const createTimestamp = (): (() => string) => {
  let at = 0
  let member = ''
  return () => {
    const now = Date.now()
    if (now !== at) {
      at = now
      member = `,"time":"${new Date(now).toISOString()}"`
    }
    return member
  }
}

/**
 * Writes the lines of one turn of the event loop together at its end, and at the exit of the process: a crowd that
 * connects at once has two lines each, and a write is a call of the system.
 */
const createStandardOutput = (): DestinationStream => {
  const output = pino.destination({ fd: process.stdout.fd, sync: true })
  let lines = ''
  const flush = (): void => {
    process.off('exit', flush)
    if (lines !== '') output.write(lines)
    lines = ''
  }
  return {
    write: (line) => {
      if (lines === '') {
        setImmediate(flush)
        process.once('exit', flush)
      }
      lines += line
    },
  }
}
