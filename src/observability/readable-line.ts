import type { ErrorLine } from './error-line.js'
import { printable, printableLine, type Color, type Paint } from './printable.js'

const LEVEL_COLORS: Readonly<Record<string, Color>> = {
  fatal: 'red',
  error: 'red',
  warn: 'yellow',
  info: 'green',
  debug: 'cyan',
}

/** Turns one JSON line of the logger into one for people: time, level, message, then what else it says. */
export const readableLine = (line: string, paint: Paint): string => {
  // The lines are our own logger's: JSON objects with these members.
  const { level, time, msg, err, ...rest } = JSON.parse(line) as Readonly<Record<string, unknown>>
  const label = String(level)
  const members = Object.entries(rest)
    .filter(([key]) => key !== 'name')
    .map(([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
  const head = [
    paint(String(time).slice(11, 23), 'grey'),
    paint(label.toUpperCase().padEnd(5), LEVEL_COLORS[label] ?? 'grey'),
    ...(typeof msg === 'string' ? [printableLine(msg)] : []),
    ...(members.length > 0 ? [paint(printableLine(members.join(' ')), 'grey')] : []),
  ].join(' ')
  // The serializer of the logger made it.
  const trace = err === undefined ? '' : indent(stackOf(err as ErrorLine))
  return `${head}\n${trace}`
}

const stackOf = ({ stack, type, message, cause, errors = [] }: ErrorLine): string =>
  [
    stack ?? `${type}: ${message}`,
    ...(cause === undefined ? [] : [`caused by ${stackOf(cause)}`]),
    ...errors.map((error) => `one of them ${stackOf(error)}`),
  ].join('\n')

const indent = (text: string): string =>
  printable(text)
    .split('\n')
    .map((row) => `    ${row}\n`)
    .join('')
