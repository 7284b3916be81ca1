import { isBy, isKind, objectOf, type Answer, type AnswerRow, type Fact } from './facts.js'
import { createPeople } from './people.js'

interface Standing {
  readonly role: unknown
  readonly isActive: boolean
  readonly since: string
  readonly by: string | null
  readonly leaf: number
}

/**
 * Who could see the item at the moment: everybody who was active then and whose role is one of `roles`, what
 * INVENTORY_UPDATE_ROLES was set to, or `*` for all. Nobody where the item did not exist yet, or not any more.
 */
export const couldSee = (sku: string, moment: Date, roles: '*' | readonly string[]): Answer => {
  const people = createPeople()
  const users = new Map<string, Standing>()
  let isThere = false

  const onUser = ({ fields, texts, n }: Fact<'record_change'>): void => {
    const id = String(fields.key)
    if (fields.type === 'deleted') {
      users.delete(id)
      return
    }
    const before = users.get(id)
    const after = objectOf(fields.after)
    if (before !== undefined && !('role' in after) && !('is_active' in after)) return
    users.set(id, {
      role: after['role'] ?? before?.role,
      isActive: 'is_active' in after ? after['is_active'] === true : (before?.isActive ?? true),
      since: String(fields.at),
      by: texts.actor,
      leaf: n,
    })
  }

  return {
    onFact(fact) {
      people.onFact(fact)
      if (!isKind(fact, 'record_change') || !isBy(fact.fields.at, moment)) return
      const { record, key, type, after } = fact.fields
      if (record === 'users') onUser(fact)
      else if (record === 'inventory_items' && key === sku) {
        const change = objectOf(after)
        if (type === 'deleted') isThere = false
        else if (type === 'created') isThere = true
        if ('archived_at' in change) isThere = change['archived_at'] === null
      }
    },
    rows: () =>
      !isThere
        ? []
        : [...users]
            .filter(
              ([, { role, isActive }]) =>
                isActive && (roles === '*' || (typeof role === 'string' && roles.includes(role))),
            )
            .map(([id, { role, since, by, leaf }]): AnswerRow => ({
              user: people.nameOf(id),
              userId: id,
              role: String(role),
              since,
              by,
              leaf,
            })),
  }
}
