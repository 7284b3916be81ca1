import { RealtimeError } from '@uzima/client'
import { Alert, List, Text } from '@mantine/core'
import type { ReactElement } from 'react'
import { describeRefusal } from './refusal-text.js'

/** Shows why the server said no, with its numbers, or that nobody knows whether it did. */
export const Refusal = ({ error }: { readonly error: Error }): ReactElement => {
  const { title, lines } = describeRefusal(error)
  return (
    <Alert color="red" variant="outline" title={title} role="alert">
      <List listStyleType="none" size="sm">
        {lines.map((line) => (
          <List.Item key={line}>{line}</List.Item>
        ))}
      </List>
      {error instanceof RealtimeError && (
        <Text size="xs" c="dimmed" mt={4}>
          {error.code}
        </Text>
      )}
    </Alert>
  )
}
