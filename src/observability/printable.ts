// Tab and line feed stay; carriage returns and escape sequences could rewrite what is on the screen.
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029]/g

/** Text that may be shown on a terminal whoever wrote it: control characters are replaced. */
export const printable = (text: string): string => text.replace(CONTROL, '\ufffd')

/** The same on one line, so that no second line can be faked. */
export const printableLine = (text: string): string => printable(text).replaceAll('\n', ' ')

export type Color = 'red' | 'green' | 'yellow' | 'cyan' | 'grey' | 'bold'

/** Colours a text where the reader shows colours, else leaves it. */
export type Paint = (text: string, color: Color) => string

const CODES: Readonly<Record<Color, readonly [number, number]>> = {
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  cyan: [36, 39],
  grey: [90, 39],
  bold: [1, 22],
}

/** Honours NO_COLOR and FORCE_COLOR on a terminal, as Node's own streams do; a file or a pipe gets no colours. */
export const createPaint = (stream: NodeJS.WriteStream): Paint => {
  const hasColors = stream.isTTY && stream.hasColors()
  return (text, color) => {
    const [on, off] = CODES[color]
    return hasColors ? `\u001b[${on.toString()}m${text}\u001b[${off.toString()}m` : text
  }
}
