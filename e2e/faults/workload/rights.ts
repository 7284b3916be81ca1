import type { RigUser } from '../rig/population.js'
import type { Rig } from '../rig/rig.js'
import type { TokenBook } from '../rig/token-book.js'

interface UserRow {
  readonly id: string
  readonly role: string
  readonly isActive: boolean
  /** Milliseconds since 1970; null where no token has been ended. */
  readonly notBefore: number | null
}

/** Those of `users` who do not have their first role, are not active, or whose newest token is refused. */
export const lackingRights = async (
  users: readonly RigUser[],
  { rig, tokens }: { readonly rig: Rig; readonly tokens: TokenBook },
): Promise<RigUser[]> => {
  const { rows } = await rig.sql((client) =>
    client.query<UserRow>(
      `select id, role, is_active as "isActive",
        (extract(epoch from tokens_not_before) * 1000)::float8 as "notBefore"
        from users where id = any($1)`,
      [users.map(({ id }) => id)],
    ),
  )
  const now = new Map(rows.map((row) => [row.id, row]))
  return users.filter(({ id, role }) => {
    const row = now.get(id)
    if (row?.role !== role || !row.isActive) return true
    return row.notBefore !== null && row.notBefore > tokens.of(id).issuedAt
  })
}
