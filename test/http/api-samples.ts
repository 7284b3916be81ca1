import type {
  Alert,
  BreakGlass,
  Explanation,
  Grant,
  Item,
  Revocation,
  User,
} from '@uzima/contracts'

export const EPOCH = '0b0e4b5c-5a53-4c1c-9a8e-6f2f4f1f2a10'
export const AT = '2025-11-22T08:00:00.000Z'

export const ITEM: Item = {
  sku: 'AMOX-500',
  name: 'Amoxicillin 500 mg',
  category: null,
  unit: 'capsule',
  threshold: 10,
  totalQuantity: 4,
  usableQuantity: 4,
  expiredQuantity: 0,
  lowStock: true,
  version: 3,
  lots: [
    { lotNumber: 'L1', quantity: 4, expiryDate: '2027-01-31', receivedAt: AT, expired: false },
  ],
  metadata: {},
  updatedAt: AT,
}

export const USER: User = {
  id: 'u-1',
  username: 'asha',
  email: 'asha@clinic.example',
  role: 'pharmacist',
  isActive: true,
  createdAt: AT,
}

export const ALERT: Alert = {
  id: '7',
  kind: 'low_stock',
  sku: 'AMOX-500',
  name: 'Amoxicillin',
  state: 'open',
  raisedAt: AT,
  seq: 7,
  seenBy: [],
}

export const GRANT: Grant = {
  id: '9b2f1c6e-8f0e-4c1b-9a57-3f6d1f4f2a10',
  userId: 'u-1',
  role: 'pharmacist',
  kind: 'grant',
  state: 'active',
  validFrom: AT,
  validUntil: AT,
  reason: 'night shift',
  grantedBy: 'admin',
  createdAt: AT,
  revokedAt: null,
  revokedBy: null,
  beganSeq: 8,
  endedSeq: null,
}

export const BREAK_GLASS: BreakGlass = {
  id: GRANT.id,
  userId: 'u-1',
  username: 'ana',
  role: 'pharmacist',
  state: 'active',
  validFrom: AT,
  validUntil: AT,
  reason: 'nobody else is here',
  beganSeq: 8,
  endedSeq: null,
  endedAt: null,
  review: null,
}

export const REVOCATION: Revocation = {
  seq: 9,
  userId: 'u-1',
  ended: 'all sessions',
  actor: 'admin',
  committedAt: AT,
  nodes: [],
}

/** The header of a caller with `role`. */
export const EXPLANATION: Explanation = {
  entry: { seq: 9, name: 'inventory:update', at: AT, audience: 'stock', ref: ITEM.sku },
  user: { id: USER.id, username: USER.username },
  allowed: true,
  because: 'The role pharmacist receives changes of stock.',
  roles: [],
  deliveries: [],
  verdict: 'not_connected',
  reason: 'not_connected',
  sentence: 'asha was not connected.',
}
