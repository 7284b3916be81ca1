import { TextInput } from '@mantine/core'
import type { ReactElement } from 'react'

interface QuantityInputProps {
  readonly label: string
  readonly value: string
  readonly onChange: (value: string) => void
}

/** A whole number from 1; takes digits only, so that no wheel and no comma changes it unseen. */
export function QuantityInput({ label, value, onChange }: QuantityInputProps): ReactElement {
  return (
    <TextInput
      label={label}
      inputMode="numeric"
      pattern="[1-9][0-9]*"
      title="A whole number from 1"
      maxLength={10}
      autoComplete="off"
      required
      value={value}
      onChange={(event) => {
        onChange(event.currentTarget.value.replace(/\D/g, ''))
      }}
    />
  )
}
