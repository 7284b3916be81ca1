import { randomBytes } from 'node:crypto'
import { seedDemoData } from '@uzima/demo/data'
import type { Passwords } from '../auth/passwords.js'
import type { Config } from '../config/schema.js'
import type { Database } from '../storage/database.js'
import { findFirstAdmin } from '../users/administrators.js'
import { ensureFirstAdmin } from '../users/first-admin.js'

/** A new account and the password that was made for it. */
export interface Credential {
  readonly username: string
  readonly role: string
  readonly password: string
}

export interface FirstDataOptions {
  readonly config: Config
  readonly passwords: Passwords
}

/** Makes the first account, and the demo's data where they are asked for; both on an empty database only. */
export const addFirstData = async (
  database: Database,
  { config, passwords }: FirstDataOptions,
): Promise<{ readonly credentials: Credential[]; readonly adminId: string | undefined }> => {
  const username = config.adminUsername
  const password = await ensureFirstAdmin(database, {
    username,
    password: config.adminPassword,
    passwords,
  })
  const demo = config.demoData
    ? await seedDemoData(database, {
        today: new Date().toISOString().slice(0, 10),
        hashPassword: passwords.hash,
        generatePassword: () => randomBytes(9).toString('base64url'),
      })
    : []
  return {
    credentials: [
      ...(password === undefined ? [] : [{ username, role: 'admin', password }]),
      ...demo.map((user) => ({
        username: user.username,
        role: user.role,
        password: user.password,
      })),
    ],
    adminId: await findFirstAdmin(database),
  }
}
