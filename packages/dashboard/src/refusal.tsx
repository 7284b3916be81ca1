import { RealtimeError } from '@uzima/client'
import { Alert, List, Text } from '@mantine/core'
import type { ReactElement } from 'react'
import { formatQuantity } from './format.js'

/** Shows why the server said no, with its numbers, or that nobody knows whether it did. */
export function Refusal({ error }: { readonly error: Error }): ReactElement {
  const { title, lines } = describeRefusal(error)
  return (
    <Alert color="red" variant="outline" title={title} role="alert">
      <List listStyleType="none" size="sm">
        {lines.map((line) => (
          <List.Item key={line}>{line}</List.Item>
        ))}
      </List>
      {error instanceof RealtimeError && (
        <Text size="xs" c="dark.4" mt={4}>
          {error.code}
        </Text>
      )}
    </Alert>
  )
}

interface RefusalText {
  readonly title: string
  readonly lines: readonly string[]
}

export function describeRefusal(error: Error): RefusalText {
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
