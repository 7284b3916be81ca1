import { z } from 'zod'
import {
  dateSchema,
  jsonObjectSchema,
  movedQuantitySchema,
  pageSchema,
  positionSchema,
  quantitySchema,
  seqSchema,
  textSchema,
  timestampSchema,
} from './common.js'

/** The sku of a new item. */
export const skuSchema = z
  .string()
  .trim()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/,
    '1 to 64 of A-Z a-z 0-9 . _ -, a letter or digit first',
  )

/** A sku that exists: other programs may have put more into one than `skuSchema` takes. */
export const existingSkuSchema = textSchema(500)

/** The number of a lot that comes in. */
export const lotNumberSchema = textSchema(64)
const existingLotNumberSchema = textSchema(500)

export const lotSchema = z.object({
  lotNumber: z.string(),
  quantity: quantitySchema,
  expiryDate: dateSchema,
  receivedAt: timestampSchema,
  /** Whether its last day is over, by the clinic's time zone: it is not dispensed any more. */
  expired: z.boolean(),
})
export type Lot = z.infer<typeof lotSchema>

/**
 * An item with its lots, earliest expiry first, as REST answers it and events carry it. `totalQuantity` is usable and
 * expired together; `lowStock` goes by what is usable.
 */
export const itemSchema = z.object({
  sku: z.string(),
  name: z.string(),
  category: z.string().nullable(),
  unit: z.string().nullable(),
  threshold: quantitySchema,
  totalQuantity: z.int().min(0),
  usableQuantity: z.int().min(0),
  expiredQuantity: z.int().min(0),
  lowStock: z.boolean(),
  version: z.int().min(1),
  lots: z.array(lotSchema),
  metadata: z.record(z.string(), z.unknown()),
  updatedAt: timestampSchema,
})
export type Item = z.infer<typeof itemSchema>

export const lotConsumedSchema = z.object({
  lotNumber: z.string(),
  expiryDate: dateSchema,
  quantity: movedQuantitySchema,
})
export type LotConsumed = z.infer<typeof lotConsumedSchema>

export const INVENTORY_CHANGE_TYPES = [
  'created',
  'updated',
  'lot_added',
  'consumed',
  'adjusted',
  'disposed',
  'expired',
  'archived',
] as const
export const inventoryChangeTypeSchema = z.enum(INVENTORY_CHANGE_TYPES)
export type InventoryChangeType = z.infer<typeof inventoryChangeTypeSchema>

/** Payload of `inventory:update`: what happened, and the item as it stands after COMMIT. */
export const inventoryUpdateSchema = z.object({
  seq: seqSchema,
  type: inventoryChangeTypeSchema,
  item: itemSchema,
  lotsConsumed: z.array(lotConsumedSchema).optional(),
  /** With `expired`: when the last day was over; `timestamp` is when that was written. */
  dueAt: timestampSchema.optional(),
  timestamp: timestampSchema,
})
export type InventoryUpdate = z.infer<typeof inventoryUpdateSchema>

/** Payload of `inventory:lowStock`: sent once when what is usable falls to or below the threshold. */
export const lowStockSchema = z.object({
  seq: seqSchema,
  sku: z.string(),
  name: z.string(),
  totalQuantity: z.int().min(0),
  usableQuantity: z.int().min(0),
  threshold: quantitySchema,
  lots: z.array(lotSchema),
  timestamp: timestampSchema,
})
export type LowStock = z.infer<typeof lowStockSchema>

const itemFields = {
  name: textSchema(200),
  category: textSchema(100).nullable(),
  unit: textSchema(50).nullable(),
  threshold: quantitySchema,
  metadata: jsonObjectSchema,
}

export const createItemSchema = z.strictObject({
  sku: skuSchema,
  name: itemFields.name,
  category: itemFields.category.optional(),
  unit: itemFields.unit.optional(),
  threshold: itemFields.threshold.optional(),
  metadata: itemFields.metadata.optional(),
})
export type CreateItem = z.infer<typeof createItemSchema>

export const updateItemSchema = z
  .strictObject(itemFields)
  .partial()
  .refine((changes) => Object.keys(changes).length > 0, 'names no field to change')
export type UpdateItem = z.infer<typeof updateItemSchema>

export const addLotSchema = z.strictObject({
  lotNumber: lotNumberSchema,
  quantity: movedQuantitySchema,
  expiryDate: dateSchema,
  reason: textSchema(500).optional(),
})
export type AddLot = z.infer<typeof addLotSchema>

export const consumeSchema = z.strictObject({
  quantity: movedQuantitySchema,
  reason: textSchema(500).optional(),
})
export type Consume = z.infer<typeof consumeSchema>

export const consumeResultSchema = z.object({
  item: itemSchema,
  lotsConsumed: z.array(lotConsumedSchema),
})
export type ConsumeResult = z.infer<typeof consumeResultSchema>

export const adjustSchema = z.strictObject({
  lotNumber: existingLotNumberSchema,
  quantity: quantitySchema,
  reason: textSchema(500),
  /** What the lot was thought to hold: another quantity is `INVENTORY_COUNT_CONFLICT`, and nothing changes. */
  expected: quantitySchema.optional(),
})
export type Adjust = z.infer<typeof adjustSchema>

/** A write-off: what is broken, lost or expired leaves the shelf. */
export const disposeSchema = z.strictObject({
  lotNumber: existingLotNumberSchema,
  quantity: movedQuantitySchema,
  reason: textSchema(500),
})
export type Dispose = z.infer<typeof disposeSchema>

const flagSchema = z.enum(['true', 'false']).transform((text) => text === 'true')

export const inventoryQuerySchema = pageSchema(500, 100).extend({
  search: z.string().trim().max(200).optional(),
  category: z.string().trim().max(100).optional(),
  lowStock: flagSchema.optional(),
  expiringWithinDays: z.coerce.number().int().min(0).max(3650).optional(),
})
export type InventoryQuery = z.infer<typeof inventoryQuerySchema>

export const inventoryPageSchema = z.object({
  items: z.array(itemSchema),
  nextCursor: z.string().nullable(),
  position: positionSchema,
})
export type InventoryPage = z.infer<typeof inventoryPageSchema>

export const movementSchema = z.object({
  id: z.string(),
  type: inventoryChangeTypeSchema,
  delta: z.int(),
  before: z.int().min(0),
  after: z.int().min(0),
  lots: z.array(
    z.object({
      lotNumber: z.string(),
      expiryDate: dateSchema,
      delta: z.int(),
      before: z.int().min(0),
      after: z.int().min(0),
    }),
  ),
  actor: z.string(),
  reason: z.string().nullable(),
  at: timestampSchema,
  seq: seqSchema,
  /** Id of the role that was taken in an emergency under which it was done; left out where there was none. */
  breakGlass: z.string().optional(),
})
export type Movement = z.infer<typeof movementSchema>

/** What was given out lately, of each item that was; the basis of how long the stock lasts. */
export const consumptionSchema = z.object({
  items: z.array(
    z.object({
      sku: z.string(),
      /** How often something was given out. */
      uses: z.int().min(1),
      /** How much, over all of them. */
      quantity: z.int().min(1),
      /** Over how many days: 30, or fewer where the item's history is shorter. */
      days: z.int().min(1).max(30),
    }),
  ),
})
export type Consumption = z.infer<typeof consumptionSchema>

export const consumptionQuerySchema = z.object({ sku: existingSkuSchema.optional() })
export type ConsumptionQuery = z.infer<typeof consumptionQuerySchema>

export const movementQuerySchema = pageSchema(500, 100)
export const movementPageSchema = z.object({
  movements: z.array(movementSchema),
  nextCursor: z.string().nullable(),
})
export type MovementPage = z.infer<typeof movementPageSchema>

/** A sum over the stock: 16 hex digits, see "The digest" in PROTOCOL.md. */
export const digestSchema = z.string().regex(/^[0-9a-f]{16}$/, '16 hex digits')

/**
 * What the database itself says its stock is at entry `seq`. It comes after everything up to `seq` that the caller may see.
 * `items` counts those in use.
 */
export const inventoryDigestSchema = z.object({
  seq: seqSchema,
  items: z.int().min(0),
  digest: digestSchema,
  at: timestampSchema,
})
export type InventoryDigest = z.infer<typeof inventoryDigestSchema>

/** That the caller's view has another digest at `seq` than the server has told. */
export const divergenceSchema = z.strictObject({ seq: seqSchema, digest: digestSchema })
export type Divergence = z.infer<typeof divergenceSchema>
