import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'

/** One kind of line that the service writes, as its source has it. */
export interface LogLine {
  /** Its `msg`; what differs from line to line is an ellipsis. */
  readonly message: string
  readonly levels: readonly string[]
  /** Other members that are named where it is written. */
  readonly members: readonly string[]
  readonly file: string
}

/** Reads every line that is written through a logger below `folder`, in the order of the files. */
export const readLogLines = (folder: string): LogLine[] => {
  const byMessage = new Map<string, LogLine>()
  const add = (line: LogLine | undefined): void => {
    if (line === undefined) return
    const known = byMessage.get(line.message)
    byMessage.set(line.message, known === undefined ? line : merged(known, line))
  }
  for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()) {
    if (!file.endsWith('.ts')) continue
    const path = join(folder, file)
    const source = ts.createSourceFile(
      path,
      readFileSync(path, 'utf8'),
      ts.ScriptTarget.Latest,
      true,
    )
    const visit = (node: ts.Node): void => {
      if (ts.isCallExpression(node)) add(lineOf(node, path))
      ts.forEachChild(node, visit)
    }
    visit(source)
  }

  return [...byMessage.values()]
}

const merged = (known: LogLine, line: LogLine): LogLine => ({
  ...known,
  levels: [...new Set([...known.levels, ...line.levels])],
  members: [...new Set([...known.members, ...line.members])],
})

const lineOf = (call: ts.CallExpression, file: string): LogLine | undefined => {
  const level = levelOf(call.expression)
  const message = call.arguments.at(-1)
  if (level === undefined || message === undefined) return undefined
  const facts = call.arguments.length > 1 ? call.arguments[0] : undefined
  return { message: messageOf(message), levels: [level], members: membersOf(facts), file }
}

const LEVELS = new Set(['fatal', 'error', 'warn', 'info', 'debug', 'trace'])

/** `logger.warn(...)`, `deps.logger.warn(...)`, and `logger[level](...)`, whose level the table of meanings tells. */
const levelOf = (callee: ts.Expression): string | undefined => {
  if (ts.isPropertyAccessExpression(callee) && isLogger(callee.expression)) {
    return LEVELS.has(callee.name.text) ? callee.name.text : undefined
  }
  if (ts.isElementAccessExpression(callee) && isLogger(callee.expression)) return 'varies'
  return undefined
}

const isLogger = (expression: ts.Expression): boolean =>
  /(?:^|\.)logger$/.test(expression.getText())

const messageOf = (message: ts.Expression): string => {
  if (ts.isStringLiteralLike(message)) return message.text
  if (ts.isTemplateExpression(message)) {
    return [message.head.text, ...message.templateSpans.map(({ literal }) => literal.text)].join(
      '…',
    )
  }
  return message.getText()
}

const membersOf = (facts: ts.Expression | undefined): string[] =>
  facts !== undefined && ts.isObjectLiteralExpression(facts)
    ? facts.properties.flatMap((property) => property.name?.getText() ?? [])
    : []
