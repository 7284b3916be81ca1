/** Examples for the help of a command (`addHelpText('after', ...)`): what to type, and what it is for. */
export const examples = (...lines: readonly (readonly [line: string, what: string])[]): string => {
  const width = Math.max(...lines.map(([line]) => line.length))
  return `\nExamples:\n${lines.map(([line, what]) => `  ${line.padEnd(width)}  # ${what}`).join('\n')}`
}
