import { RealtimeError } from '@uzima/client'
import { formatQuantity } from './format.js'

export interface RefusalText {
  readonly title: string
  readonly lines: readonly string[]
}

/** Says in words what an error means for the person who pressed the button. */
export const describeRefusal = (error: Error): RefusalText => {
  if (!(error instanceof RealtimeError)) return { title: 'Not recorded', lines: [error.message] }
  if (error.status === undefined && error.retryable) {
    return {
      title: 'No answer from the server',
      lines: [
        'It is not known whether this was recorded. Press the button again: it counts once, even if the first try arrived.',
      ],
    }
  }
  const { requested, available, errors } = error.details
  if (typeof requested === 'number' && typeof available === 'number') {
    return {
      title: 'Not enough stock: nothing was taken',
      lines: [`Requested: ${formatQuantity(requested)}`, `Available: ${formatQuantity(available)}`],
    }
  }
  return { title: 'Refused', lines: [error.message, ...fieldErrors(errors)] }
}

const fieldErrors = (errors: unknown): string[] =>
  Array.isArray(errors)
    ? errors.flatMap((entry: unknown) =>
        typeof entry === 'object' &&
        entry !== null &&
        'path' in entry &&
        'message' in entry &&
        typeof entry.path === 'string' &&
        typeof entry.message === 'string'
          ? [`${entry.path}: ${entry.message}`]
          : [],
      )
    : []
