import type { Access } from '../../src/middleware/http-auth.js'

interface RouteExample {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  /** As in the OpenAPI document. */
  readonly path: string
  readonly url: string
  readonly access: Access
  readonly status: number
  readonly body?: object
}

const lot = { lotNumber: 'L1', quantity: 5, expiryDate: '2027-01-31' }
const sku = '/api/inventory/AMOX-500'

/** Every row of the REST table, with a request that succeeds. */
const BETWEEN = 'from=2026-01-01T00:00:00Z&to=2026-02-01T00:00:00Z'

export const ROUTES: readonly RouteExample[] = [
  {
    method: 'POST',
    path: '/api/auth/login',
    url: '/api/auth/login',
    access: 'public',
    status: 200,
    body: { username: 'asha', password: 'secret-1' },
  },
  {
    method: 'POST',
    path: '/api/auth/refresh',
    url: '/api/auth/refresh',
    access: 'public',
    status: 200,
    body: { refreshToken: 'r' },
  },
  {
    method: 'POST',
    path: '/api/auth/logout',
    url: '/api/auth/logout',
    access: 'authenticated',
    status: 204,
  },
  {
    method: 'GET',
    path: '/api/auth/me',
    url: '/api/auth/me',
    access: 'authenticated',
    status: 200,
  },
  { method: 'GET', path: '/api/users', url: '/api/users', access: 'users:manage', status: 200 },
  {
    method: 'POST',
    path: '/api/users',
    url: '/api/users',
    access: 'users:manage',
    status: 201,
    body: { username: 'asha', email: 'asha@clinic.example', role: 'doctor' },
  },
  {
    method: 'GET',
    path: '/api/users/{id}',
    url: '/api/users/u-1',
    access: 'users:manage',
    status: 200,
  },
  {
    method: 'PATCH',
    path: '/api/users/{id}',
    url: '/api/users/u-1',
    access: 'users:manage',
    status: 200,
    body: { isActive: false },
  },
  {
    method: 'DELETE',
    path: '/api/users/{id}',
    url: '/api/users/u-1',
    access: 'users:manage',
    status: 204,
  },
  {
    method: 'POST',
    path: '/api/users/{id}/revoke',
    url: '/api/users/u-1/revoke',
    access: 'users:manage',
    status: 200,
  },
  {
    method: 'GET',
    path: '/api/inventory',
    url: '/api/inventory?lowStock=true&limit=5',
    access: 'stock:read',
    status: 200,
  },
  {
    method: 'POST',
    path: '/api/inventory',
    url: '/api/inventory',
    access: 'items:write',
    status: 201,
    body: { sku: 'AMOX-500', name: 'Amoxicillin' },
  },
  { method: 'GET', path: '/api/inventory/{sku}', url: sku, access: 'stock:read', status: 200 },
  {
    method: 'PATCH',
    path: '/api/inventory/{sku}',
    url: sku,
    access: 'items:write',
    status: 200,
    body: { threshold: 20 },
  },
  { method: 'DELETE', path: '/api/inventory/{sku}', url: sku, access: 'items:write', status: 204 },
  {
    method: 'POST',
    path: '/api/inventory/{sku}/lots',
    url: `${sku}/lots`,
    access: 'stock:move',
    status: 201,
    body: lot,
  },
  {
    method: 'POST',
    path: '/api/inventory/{sku}/consume',
    url: `${sku}/consume`,
    access: 'stock:move',
    status: 200,
    body: { quantity: 1 },
  },
  {
    method: 'POST',
    path: '/api/inventory/{sku}/adjust',
    url: `${sku}/adjust`,
    access: 'stock:move',
    status: 200,
    body: { lotNumber: 'L1', quantity: 3, reason: 'count' },
  },
  {
    method: 'POST',
    path: '/api/inventory/{sku}/dispose',
    url: `${sku}/dispose`,
    access: 'stock:move',
    status: 200,
    body: { lotNumber: 'L1', quantity: 3, reason: 'broken' },
  },
  {
    method: 'GET',
    path: '/api/inventory/{sku}/movements',
    url: `${sku}/movements`,
    access: 'stock:read',
    status: 200,
  },
  {
    method: 'GET',
    path: '/api/alerts',
    url: '/api/alerts?state=unresolved&kind=expired',
    access: 'stock:read',
    status: 200,
  },
  {
    method: 'POST',
    path: '/api/alerts/{id}/acknowledge',
    url: '/api/alerts/7/acknowledge',
    access: 'stock:move',
    status: 200,
    body: { note: 'ordered' },
  },
  {
    method: 'GET',
    path: '/api/consumption',
    url: '/api/consumption',
    access: 'stock:read',
    status: 200,
  },
  {
    method: 'GET',
    path: '/api/events',
    url: '/api/events?since=0',
    access: 'authenticated',
    status: 200,
  },
  {
    method: 'POST',
    path: '/api/messages',
    url: '/api/messages',
    access: 'messages:send',
    status: 202,
    body: { to: { all: true }, event: 'notice', data: {} },
  },
  {
    method: 'GET',
    path: '/api/connections',
    url: '/api/connections',
    access: 'connections:manage',
    status: 200,
  },
  {
    method: 'DELETE',
    path: '/api/connections/{socketId}',
    url: '/api/connections/here',
    access: 'connections:manage',
    status: 204,
  },
  {
    method: 'GET',
    path: '/api/connection-attempts',
    url: '/api/connection-attempts?outcome=refused',
    access: 'connections:manage',
    status: 200,
  },
  {
    method: 'GET',
    path: '/api/revocations',
    url: '/api/revocations',
    access: 'connections:manage',
    status: 200,
  },
  {
    method: 'GET',
    path: '/api/revocations/{seq}',
    url: '/api/revocations/9',
    access: 'connections:manage',
    status: 200,
  },
  {
    method: 'GET',
    path: '/api/explain',
    url: '/api/explain?userId=u-1&seq=9',
    access: 'connections:manage',
    status: 200,
  },
  {
    method: 'GET',
    path: '/api/audit/seen',
    url: `/api/audit/seen?userId=u-1&${BETWEEN}`,
    access: 'connections:manage',
    status: 200,
  },
  {
    method: 'GET',
    path: '/api/audit/viewers',
    url: `/api/audit/viewers?sku=AMOX-500&${BETWEEN}`,
    access: 'connections:manage',
    status: 200,
  },
  {
    method: 'GET',
    path: '/api/system',
    url: '/api/system',
    access: 'connections:manage',
    status: 200,
  },
  { method: 'GET', path: '/health/live', url: '/health/live', access: 'public', status: 200 },
  { method: 'GET', path: '/health/ready', url: '/health/ready', access: 'public', status: 200 },
  { method: 'GET', path: '/metrics', url: '/metrics', access: 'public', status: 200 },
]
