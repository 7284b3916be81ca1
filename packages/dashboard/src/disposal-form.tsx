import { NativeSelect, TextInput } from '@mantine/core'
import type { Dispose, Item, Lot } from '@uzima/contracts'
import { useState, type ReactElement } from 'react'
import { formatQuantity } from './format.js'
import { MovementForm } from './movement-form.js'
import { QuantityInput } from './quantity-input.js'
import { useDashboard } from './use-dashboard.js'
import { useMovement } from './use-movement.js'

/** Takes what is expired, broken or lost off the shelf. */
export const DisposalForm = ({ item }: { readonly item: Item }): ReactElement => {
  const { rest } = useDashboard()
  const held = item.lots.filter((lot) => lot.quantity > 0)
  const [chosen, setChosen] = useState('')
  const [quantity, setQuantity] = useState('')
  const [reason, setReason] = useState('')
  const movement = useMovement(async (body: Dispose, options) => {
    await rest.inventory.dispose(item.sku, body, options)
    return body
  })

  const submit = (): void => {
    const body = { lotNumber: chosen, quantity: Number(quantity), reason: reason.trim() }
    movement.mutate(body, {
      onSuccess: () => {
        setChosen('')
        setQuantity('')
        setReason('')
      },
    })
  }

  return (
    <MovementForm
      movement={movement}
      onSubmit={submit}
      submitLabel="Record write-off"
      describe={describeDisposed}
    >
      <NativeSelect
        label="Lot"
        required
        value={chosen}
        onChange={(event) => {
          setChosen(event.currentTarget.value)
        }}
        data={[
          { value: '', label: 'Choose a lot' },
          ...held.map((lot) => ({ value: lot.lotNumber, label: describeLot(lot) })),
        ]}
      />
      <QuantityInput unit={item.unit} value={quantity} onChange={setQuantity} />
      <TextInput
        label="Reason for the write-off"
        description="Kept in the history"
        maxLength={500}
        required
        value={reason}
        onChange={(event) => {
          setReason(event.currentTarget.value)
        }}
      />
    </MovementForm>
  )
}

const describeLot = ({ lotNumber, quantity, expiryDate, expired }: Lot): string =>
  `${lotNumber}: ${formatQuantity(quantity)}, ${expired ? 'expired' : 'until'} ${expiryDate}`

const describeDisposed = ({ lotNumber, quantity }: Dispose): string =>
  `Written off: ${formatQuantity(quantity)} of lot ${lotNumber}.`
