import { TextInput } from '@mantine/core'
import type { AddLot, Item } from '@uzima/contracts'
import { useState, type ReactElement } from 'react'
import { formatQuantity } from './format.js'
import { MovementForm } from './movement-form.js'
import { QuantityInput } from './quantity-input.js'
import { useDashboard } from './use-dashboard.js'
import { useMovement } from './use-movement.js'

/** Takes a delivery in; a lot that is here already grows. */
export const ReceiptForm = ({ item }: { readonly item: Item }): ReactElement => {
  const { rest } = useDashboard()
  const [lotNumber, setLotNumber] = useState('')
  const [quantity, setQuantity] = useState('')
  const [expiryDate, setExpiryDate] = useState('')
  const known = item.lots.find((lot) => lot.lotNumber === lotNumber.trim())
  const movement = useMovement(async (body: AddLot, options) => {
    await rest.inventory.addLot(item.sku, body, options)
    return body
  })

  const submit = (): void => {
    movement.mutate(
      {
        lotNumber: lotNumber.trim(),
        quantity: Number(quantity),
        expiryDate: known?.expiryDate ?? expiryDate,
      },
      {
        onSuccess: () => {
          setLotNumber('')
          setQuantity('')
          setExpiryDate('')
        },
      },
    )
  }

  return (
    <MovementForm
      movement={movement}
      onSubmit={submit}
      submitLabel="Record receipt"
      describe={describeReceived}
    >
      <TextInput
        label="Lot number"
        autoComplete="off"
        maxLength={64}
        required
        value={lotNumber}
        onChange={(event) => {
          setLotNumber(event.currentTarget.value)
        }}
      />
      <QuantityInput unit={item.unit} value={quantity} onChange={setQuantity} />
      <TextInput
        label="Expiry date"
        type="date"
        required
        readOnly={known !== undefined}
        description={known === undefined ? undefined : 'This lot is here already and will grow.'}
        value={known?.expiryDate ?? expiryDate}
        onChange={(event) => {
          setExpiryDate(event.currentTarget.value)
        }}
      />
    </MovementForm>
  )
}

const describeReceived = (lot: AddLot): string =>
  `Received: ${formatQuantity(lot.quantity)} of lot ${lot.lotNumber} (${lot.expiryDate}).`
