import { createGrants } from './granted.js'
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
  const grants = createGrants()
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
      grants.onFact(fact)
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
    rows() {
      if (!isThere) return []
      const seesAs = (role: unknown): boolean =>
        roles === '*' || (typeof role === 'string' && roles.includes(role))
      const active = [...users].filter(([, { isActive }]) => isActive)
      const byRole = active
        .filter(([, { role }]) => seesAs(role))
        .map(([id, { role, since, by, leaf }]): AnswerRow => {
          const user = people.nameOf(id)
          return { user, userId: id, role: String(role), since, by, until: null, leaf }
        })
      const byGrant = grants
        .inForce(moment)
        .filter(({ grant: { fields } }) => seesAs(fields.role))
        .filter(({ grant: { fields } }) => active.some(([id]) => id === fields.userId))
        .map(({ grant: { fields, texts, n }, begunAt, now }): AnswerRow => {
          const [id, until] = [String(fields.userId), now['valid_until']]
          return {
            ...{ user: people.nameOf(id), userId: id, role: fields.role, since: begunAt },
            ...{ by: texts.grantedBy, until: typeof until === 'string' ? until : null, leaf: n },
          }
        })
      return [...byRole, ...byGrant]
    },
  }
}
