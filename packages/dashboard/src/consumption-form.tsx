import { TextInput } from '@mantine/core'
import type { Consume, ConsumeResult, Item } from '@uzima/contracts'
import { useState, type ReactElement } from 'react'
import { formatQuantity } from './format.js'
import { MovementForm } from './movement-form.js'
import { QuantityInput } from './quantity-input.js'
import { useDashboard } from './use-dashboard.js'
import { useMovement } from './use-movement.js'

/** Takes stock out, earliest expiry first. */
export const ConsumptionForm = ({ item }: { readonly item: Item }): ReactElement => {
  const { rest } = useDashboard()
  const [quantity, setQuantity] = useState('')
  const [reason, setReason] = useState('')
  const movement = useMovement((body: Consume, options) =>
    rest.inventory.consume(item.sku, body, options),
  )

  const submit = (): void => {
    const body: Consume = {
      quantity: Number(quantity),
      ...(reason.trim() === '' ? {} : { reason: reason.trim() }),
    }
    movement.mutate(body, {
      onSuccess: () => {
        setQuantity('')
        setReason('')
      },
    })
  }

  return (
    <MovementForm
      movement={movement}
      onSubmit={submit}
      submitLabel="Record consumption"
      describe={describeTaken}
    >
      <QuantityInput unit={item.unit} value={quantity} onChange={setQuantity} />
      <TextInput
        label="Reason"
        description="Optional, kept in the history"
        maxLength={500}
        value={reason}
        onChange={(event) => {
          setReason(event.currentTarget.value)
        }}
      />
    </MovementForm>
  )
}

const describeTaken = ({ lotsConsumed }: ConsumeResult): string =>
  `Taken: ${lotsConsumed
    .map((lot) => `${formatQuantity(lot.quantity)} of lot ${lot.lotNumber} (${lot.expiryDate})`)
    .join(', ')}.`
