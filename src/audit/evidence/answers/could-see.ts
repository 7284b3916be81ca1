import { isBy, isKind, listOf, objectOf, type Answer, type AnswerRow } from './facts.js'
import { createNodes } from './nodes.js'
import { createPeople } from './people.js'
import { createRightsAt, type Rights } from './rights.js'

/**
 * Who could see the item at the moment: everybody who was active then and had a role that a node at work then gave the feed of
 * items to, with the names of those nodes. Nobody where the item did not exist yet, or not any more, or no node was at work.
 */
export const couldSee = (sku: string, moment: Date): Answer => {
  const people = createPeople()
  const rights = createRightsAt(moment)
  const nodes = createNodes()
  let isThere = false
  return {
    onFact(fact) {
      people.onFact(fact)
      rights.onFact(fact)
      nodes.onFact(fact)
      if (!isKind(fact, 'record_change') || !isBy(fact.fields.at, moment)) return
      const { record, key, type, after } = fact.fields
      if (record !== 'inventory_items' || key !== sku) return
      const change = objectOf(after)
      if (type === 'deleted') isThere = false
      else if (type === 'created') isThere = true
      if ('archived_at' in change) isThere = change['archived_at'] === null
    },
    onConnection: nodes.onConnection,
    rows() {
      if (!isThere) return []
      const atWork = nodes.atWork(moment)
      return rights.all().flatMap((right): AnswerRow[] => {
        const { fields, texts, n } = right
        const roles = listOf(fields.roles).map(String)
        const by = atWork.filter(({ feed }) => feed === '*' || roles.some((role) => feed.has(role)))
        if (by.length === 0) return []
        const id = String(fields.userId)
        const seeing = roles.filter((role) => by.some(({ feed }) => feed === '*' || feed.has(role)))
        return [
          {
            ...{ user: people.nameOf(id), userId: id, roles: seeing.join(', ') },
            ...{ since: String(fields.at), by: texts.actor, until: untilOf(right, seeing) },
            ...{
              nodes: by
                .map(({ name }) => name)
                .sort()
                .join(', '),
              leaf: n,
            },
          },
        ]
      })
    },
  }
}

/** When the last of the grants ends without which he would not see it; null where his own role is enough. */
const untilOf = ({ fields }: Rights, seeing: readonly string[]): string | null => {
  if (seeing.some((role) => role === fields.role)) return null
  const ends = listOf(fields.grants)
    .map((grant) => objectOf(JSON.stringify(grant)))
    .filter(({ role }) => typeof role === 'string' && seeing.includes(role))
    .map(({ until }) => String(until))
  return ends.sort().at(-1) ?? null
}
