import { Alert, Button, Stack, TextInput } from '@mantine/core'
import type { AddLot, Item } from '@uzima/contracts'
import { useState, type ReactElement } from 'react'
import { formatQuantity } from './format.js'
import { QuantityInput } from './quantity-input.js'
import { Refusal } from './refusal.js'
import { useDashboard } from './use-dashboard.js'
import { useMovement } from './use-movement.js'

/** Takes a delivery in; a lot that is here already grows. */
export function ReceiptForm({ item }: { readonly item: Item }): ReactElement {
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
    <form
      onSubmit={(event) => {
        event.preventDefault()
        submit()
      }}
    >
      <Stack gap="sm">
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
        <QuantityInput
          label={item.unit === null ? 'Quantity' : `Quantity (${item.unit})`}
          value={quantity}
          onChange={setQuantity}
        />
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
        <Button type="submit" loading={movement.isPending}>
          Record receipt
        </Button>
        {movement.isError && <Refusal error={movement.error} />}
        {movement.isSuccess && (
          <Alert color="teal" variant="outline" title="Recorded" role="status">
            Received: {formatQuantity(movement.data.quantity)} of lot {movement.data.lotNumber} (
            {movement.data.expiryDate}).
          </Alert>
        )}
      </Stack>
    </form>
  )
}
