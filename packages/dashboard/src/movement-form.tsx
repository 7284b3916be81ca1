import { Alert, Button, Stack } from '@mantine/core'
import type { UseMutationResult } from '@tanstack/react-query'
import type { ReactElement, ReactNode } from 'react'
import { Refusal } from './refusal.js'

interface MovementFormProps<Body, Result> {
  readonly movement: UseMutationResult<Result, Error, Body>
  readonly onSubmit: () => void
  readonly submitLabel: string
  /** Says what was recorded. */
  readonly describe: (result: Result) => string
  /** The fields. */
  readonly children: ReactNode
}

/** A form that moves stock, with what came of it below its button. */
export const MovementForm = <Body, Result>(
  props: MovementFormProps<Body, Result>,
): ReactElement => {
  const { movement, onSubmit, submitLabel, describe, children } = props
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        onSubmit()
      }}
    >
      <Stack gap="sm">
        {children}
        <Button type="submit" loading={movement.isPending}>
          {submitLabel}
        </Button>
        {movement.isError && <Refusal error={movement.error} />}
        {movement.isSuccess && (
          <Alert color="teal" variant="outline" title="Recorded" role="status">
            {describe(movement.data)}
          </Alert>
        )}
      </Stack>
    </form>
  )
}
