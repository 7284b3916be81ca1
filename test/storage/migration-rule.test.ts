import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, it } from 'vitest'
import { readMigrations } from '../../src/storage/migrate.js'
import { expectedTriggers } from '../../src/storage/triggers.js'

/** Merged before the rule was made. */
const EXEMPT_TO = 24
const STOPS = /^-- Stop all nodes first: \S/m
/** What the version before may name, taken from it, or asked of it. */
const CONTRACTS = [
  /\bdrop (?:table|column|type|view|schema)\b/i,
  /\brename (?:column|constraint|to)\b/i,
  /\balter (?:column )?\w+ (?:set data )?type\b/i,
  /\bset not null\b/i,
  /\badd (?:column )?(?:if not exists )?\w+ [^,;]*\bnot null\b(?![^,;]*\b(?:default|generated)\b)/i,
]

/** Why nodes of the version before cannot run beside the last of these migrations, or undefined. */
const conflictOf = async (migrations: readonly { name: string; sql: string }[]) => {
  const last = migrations.at(-1)
  if (last === undefined || STOPS.test(last.sql)) return undefined
  const code = last.sql.replaceAll(/--.*$/gm, '')
  const statement = CONTRACTS.map((pattern) => pattern.exec(code)?.[0]).find((found) => found)
  if (statement !== undefined) return statement
  const before = await triggersAfter(migrations.slice(0, -1))
  const after = await triggersAfter(migrations)
  const missing = before.find((trigger) => !after.includes(trigger))
  return missing === undefined ? undefined : `no trigger ${missing}`
}

const triggersAfter = async (migrations: readonly { name: string; sql: string }[]) => {
  const folder = await mkdtemp(join(tmpdir(), 'uzima-migrations-'))
  try {
    for (const { name, sql } of migrations) await writeFile(join(folder, name), sql)
    const triggers = await expectedTriggers(pathToFileURL(`${folder}/`))
    return triggers.map(({ name, table }) => `${name} on ${table}`)
  } finally {
    await rm(folder, { recursive: true })
  }
}

it('each migration works below the version before, or says that all nodes must stop', async () => {
  const migrations = await readMigrations()
  for (const [at, { version, name }] of migrations.entries()) {
    if (version <= EXEMPT_TO) continue
    expect({ name, conflict: await conflictOf(migrations.slice(0, at + 1)) }).toEqual({ name })
  }
})

it.each([
  ['drop table alerts', 'drop table'],
  ['alter table users drop column email', 'drop column'],
  ['alter table users rename to people', 'rename to'],
  ['alter table users rename column email to mail', 'rename column'],
  ['alter table users alter column email type varchar(9)', 'alter column email type'],
  ['alter table users alter email set not null', 'set not null'],
  ['alter table users add column phone text not null', 'add column phone text not null'],
  ['drop trigger log_commit on log_pending', 'no trigger log_commit on log_pending'],
  [`alter table users add column phone text not null default ''`, undefined],
  ['alter table users add column phone text', undefined],
  ['create table phones (number text not null)', undefined],
  ['-- drop table alerts comes with the next version', undefined],
  ['-- Stop all nodes first: it would take an hour otherwise.\ndrop table alerts', undefined],
])('judges %j', async (sql, conflict) => {
  const migrations = [...(await readMigrations()), { name: '9999-next.sql', sql }]
  expect(await conflictOf(migrations)).toBe(conflict)
})
