import type { RevokeRecord } from '../history.js'
import type { Rig } from '../rig/rig.js'

interface Change {
  readonly userId: string
  readonly action: RevokeRecord['action']
  readonly role: string
}

/** Takes or gives a right as a program does that knows the tables and not the service. */
export const takeBySql = (rig: Rig, { userId, action, role }: Change): Promise<void> =>
  rig.sql(async (client) => {
    if (action === 'deactivate') {
      await client.query('update users set is_active = false where id = $1', [userId])
    } else if (action === 'revoke') {
      await client.query('update users set tokens_not_before = clock_timestamp() where id = $1', [
        userId,
      ])
    } else if (action === 'session') {
      await client.query('delete from sessions where user_id = $1', [userId])
    } else {
      await client.query('update users set is_active = true, role = $2 where id = $1', [
        userId,
        role,
      ])
    }
  })
