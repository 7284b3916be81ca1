import type { Permission } from '@uzima/contracts/values'
import type { adminWords } from './admin-words.js'

/** The views of the administration, in the order of their links. */
export const ADMIN_VIEWS = [
  { name: 'users', allows: 'users:manage' },
  { name: 'reviews', allows: 'users:manage' },
  { name: 'connections', allows: 'connections:manage' },
  { name: 'log', allows: 'connections:manage' },
  { name: 'explain', allows: 'connections:manage' },
  { name: 'settings', allows: 'items:write' },
  { name: 'health', allows: 'connections:manage' },
] as const satisfies readonly {
  readonly name: keyof ReturnType<(typeof adminWords)['en']>
  readonly allows: Permission
}[]

export type AdminViewName = (typeof ADMIN_VIEWS)[number]['name']
