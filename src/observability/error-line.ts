/** An error as it stands in a log line. */
export interface ErrorLine {
  readonly type: string
  readonly message: string
  readonly code?: string
  readonly stack?: string
  readonly cause?: ErrorLine
  readonly errors?: readonly ErrorLine[]
}

const MAX_DEPTH = 5
const MAX_ERRORS = 10

/**
 * Describes anything thrown, with its chain of causes. Only what is named here is taken: errors of database drivers
 * carry the parameters of the statement, and those are passwords and people.
 */
export const errorLine = (thrown: unknown, depth = 1): ErrorLine => {
  if (!(thrown instanceof Error)) return { type: typeof thrown, message: String(thrown) }
  const { name, message, stack, cause } = thrown
  const isDeeper = depth < MAX_DEPTH
  return {
    type: name,
    message,
    ...('code' in thrown && typeof thrown.code === 'string' ? { code: thrown.code } : {}),
    ...(stack === undefined ? {} : { stack }),
    ...(cause !== undefined && isDeeper ? { cause: errorLine(cause, depth + 1) } : {}),
    ...(thrown instanceof AggregateError && isDeeper
      ? { errors: thrown.errors.slice(0, MAX_ERRORS).map((error) => errorLine(error, depth + 1)) }
      : {}),
  }
}
