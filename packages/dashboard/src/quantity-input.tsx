import { TextInput } from '@mantine/core'
import type { ReactElement } from 'react'

interface QuantityInputProps {
  /** What is counted; null where the item does not say. */
  readonly unit: string | null
  readonly value: string
  readonly onChange: (value: string) => void
}

/** A whole number from 1; takes digits only, so that no wheel and no comma changes it unseen. */
export const QuantityInput = ({ unit, value, onChange }: QuantityInputProps): ReactElement => {
  return (
    <TextInput
      label={unit === null ? 'Quantity' : `Quantity (${unit})`}
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
