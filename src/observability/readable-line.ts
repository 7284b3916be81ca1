import type { ErrorLine } from './error-line.js'

const LEVEL_COLORS: Readonly<Record<string, number>> = {
  fatal: 31,
  error: 31,
  warn: 33,
  info: 32,
  debug: 36,
  trace: 90,
}
const GREY = 90
// Control characters of what callers send must not reach the terminal of whoever reads.
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g

/** Turns one JSON line of the logger into one for people: time, level, message, then what else it says. */
export const readableLine = (line: string, hasColors: boolean): string => {
  const paint = (text: string, color: number): string =>
    hasColors ? `\u001b[${color.toString()}m${text}\u001b[39m` : text
  // The lines are our own logger's: JSON objects with these members.
  const { level, time, msg, err, ...rest } = JSON.parse(line) as Readonly<Record<string, unknown>>
  const label = String(level)
  const members = Object.entries(rest)
    .filter(([key]) => key !== 'name')
    .map(([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
  const head = [
    paint(String(time).slice(11, 23), GREY),
    paint(label.toUpperCase().padEnd(5), LEVEL_COLORS[label] ?? GREY),
    ...(typeof msg === 'string' ? [oneLine(msg)] : []),
    ...(members.length > 0 ? [paint(oneLine(members.join(' ')), GREY)] : []),
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
  clean(text)
    .split('\n')
    .map((row) => `    ${row}\n`)
    .join('')

const oneLine = (text: string): string => clean(text).replaceAll('\n', ' ')

const clean = (text: string): string => text.replace(CONTROL, '\ufffd')
