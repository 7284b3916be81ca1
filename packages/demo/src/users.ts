import type { Role } from '@uzima/contracts'

/** Somebody of the demonstration clinic. */
export interface DemoUser {
  readonly username: string
  readonly email: string
  readonly role: Exclude<Role, 'admin'>
}

/** A user and the password made for them; printed once, kept nowhere. */
export interface DemoCredential extends DemoUser {
  readonly password: string
}

/** One user of each role; the administrator is made by the start of the service. */
export const demoUsers: readonly DemoUser[] = [
  { username: 'grace.wanjiru', email: 'grace.wanjiru@example.org', role: 'inventory_manager' },
  { username: 'samuel.okello', email: 'samuel.okello@example.org', role: 'pharmacist' },
  { username: 'amina.yusuf', email: 'amina.yusuf@example.org', role: 'doctor' },
  { username: 'daniel.mensah', email: 'daniel.mensah@example.org', role: 'educator' },
  { username: 'lindiwe.dube', email: 'lindiwe.dube@example.org', role: 'patient' },
]
