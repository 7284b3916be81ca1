import type { ExplainReason } from '@uzima/contracts'
import type { Answer } from './explain.js'
import type { EntryHeader, Rights } from './records.js'
import { rolesAt, type Ruling } from './rights.js'
import type { Person } from './who.js'

/** The feeds, as people call them. */
const FEEDS: Readonly<Record<string, string>> = {
  stock: 'changes of stock',
  alerts: 'announcements of low stock',
  alert: 'alerts',
  alert_escalated: 'escalated alerts',
}

/** Why the entry was for him when it was numbered, or was not. */
export const because = (entry: EntryHeader, rights: Rights, ruling: Ruling): string => {
  const held = rolesAt(rights, entry.seq)
  const feed = FEEDS[entry.audience] ?? entry.audience
  const giving = held.find(({ role }) => ruling.roles.includes(role))
  if (giving !== undefined) {
    const { role, grant, since, by } = giving
    if (grant === undefined) {
      const who = by === null ? 'since before this record began' : `by ${by}`
      return `The role ${role}, since ${since.toISOString()} ${who}, receives ${feed}.`
    }
    const kind = grant.kind === 'break_glass' ? 'taken by breaking the glass' : 'granted'
    return `The role ${role}, ${kind} from ${grant.from} until ${grant.until} by ${grant.by} (grant ${grant.id}), receives ${feed}.`
  }
  const roles = held.map(({ role }) => role).join(', ')
  return WHY_NOT[ruling.reason]?.(roles, feed) ?? 'The record does not tell.'
}

const WHY_NOT: Partial<Record<ExplainReason, (roles: string, feed: string) => string>> = {
  role: (roles, feed) => `No node sent ${feed} to the role ${roles}.`,
  inactive: () => 'The account was deactivated.',
  deleted: () => 'The account was deleted.',
  no_account: () => 'There was no such account yet.',
  internal: () => 'It is an entry for the nodes, and no event for any client.',
  rights_unrecorded: () => 'What rights the user had then is older than the record of rights.',
  rules_unrecorded: (roles, feed) =>
    `Which roles received ${feed} was not on record then; the user had ${roles}.`,
}

/** The verdict in one sentence that is true as it stands. */
export const sentenceOf = (entry: EntryHeader, person: Person, answer: Answer): string => {
  const who = person.username ?? person.id
  const { judged, reason } = answer
  const one = judged.find((each) => each.reason === reason && each.outcome === answer.verdict)
  const where = one === undefined ? '' : ` (${one.delivery.socketId} on ${one.delivery.node})`
  const number = `entry ${entry.seq.toString()}`
  const by = (time: Date | undefined): string =>
    time === undefined ? '' : `, by ${time.toISOString()} at the latest`
  if (answer.verdict === 'applied') {
    return `${who} got ${number}: it was written to a connection${where}${by(one?.writtenAt)}, and the client says that it has applied it${by(one?.appliedAt)}.`
  }
  if (answer.verdict === 'written') {
    const again = reason === 'replayed' ? ' when the client came back' : ''
    return `${who} was sent ${number}: it was written to a connection${where}${again}${by(one?.writtenAt)}. The client has not said that it applied it.`
  }
  const gaps = answer.gaps.map(
    ({ node, from }) => `${node} after ${from?.toISOString() ?? 'its last sign of life'}`,
  )
  const caveat =
    gaps.length === 0
      ? ''
      : ` What died nodes did in their last seconds may not be on record (${gaps.join(', ')}).`
  return `${SENTENCES[reason](who, number, where)}${caveat}`
}

type Sentence = (who: string, number: string, where: string) => string

const notAllowed: Sentence = (who, number) =>
  `${who} was not allowed to see ${number}, and it was not sent.`

const SENTENCES: Readonly<Record<ExplainReason, Sentence>> = {
  live: (who, number) => `${who} was sent ${number}.`,
  replayed: (who, number) => `${who} was sent ${number} afterwards.`,
  role: notAllowed,
  inactive: notAllowed,
  deleted: notAllowed,
  no_account: notAllowed,
  internal: (_who, number) => `No client is ever sent ${number}: it is for the nodes.`,
  not_connected: (who, number) =>
    `${who} was allowed to see ${number} but no connection that could carry it is on record, then or afterwards.`,
  reset_instead: (who, number) =>
    `${who} was not connected when ${number} was numbered; the client that came back afterwards was told to read the stock as it was by then, not each change.`,
  older_than_snapshot: (who, number) =>
    `${who} was not connected when ${number} was numbered; the client that came afterwards began with the stock as it was by then.`,
  cut_slow: (who, number, where) =>
    `${who} was connected${where}, but the client read too slowly and was cut off while ${number} waited for it. A part of what waited may have arrived.`,
  node_fenced: (who, number, where) =>
    `${who} was connected${where}, but the node could not confirm what users may see, sent nothing, and closed the connection before it learned of ${number}.`,
  session_ended: (who, number, where) =>
    `${who} was connected${where}, but the session was ended before ${number} was sent.`,
  connection_ended: (who, number, where) =>
    `${who} was connected${where}, but the connection ended before ${number} is on record as sent.`,
  node_died: (who, number, where) =>
    `${who} had been connected${where} to a node that had died before ${number} was numbered.`,
  node_lost: (who, number) =>
    `Not known: a node died around then, and whether ${who} was sent ${number} in its last seconds is not on record.`,
  not_yet_recorded: (who, number) =>
    `Not known yet: ${who} has a connection for which ${number} waits, or whose record is a moment behind.`,
  record_missing: (who, number) =>
    `Not known: ${who} was connected, but what was sent to the connection is not on record, so neither is ${number}.`,
  rights_unrecorded: (who, number) =>
    `Not known: ${number} is older than the record of the rights of ${who}.`,
  rules_unrecorded: (who, number) =>
    `Not known: which roles were sent ${number} is not on record, so neither is whether ${who} was.`,
  rights_moved: (who, number) =>
    `Not known: the rights of ${who} changed while the connection that would have carried ${number} began, and the record does not tell which came first.`,
}
