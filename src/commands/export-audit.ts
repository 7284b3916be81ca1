import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { basename } from 'node:path'
import type { Writable } from 'node:stream'
import { finished } from 'node:stream/promises'
import { isUuid } from '../auth/uuid.js'
import { seenDocument, viewersDocument, type AuditDocument } from '../explain/document.js'
import type { Database } from '../storage/database.js'
import { CommandError } from './command-error.js'
import type { Rest } from './rest.js'
import { withStore } from './with-store.js'

/** What is asked about whom or what, and where it goes. */
export interface AuditExport {
  readonly what: 'seen' | 'viewers'
  /** A user by name or id, or the sku of an item. */
  readonly of: string
  readonly format: 'csv' | 'json'
  readonly since: Date
  readonly until: Date
  /** A file, beside which goes another with its SHA-256; else standard output. */
  readonly out: string | undefined
}

type Source = Pick<AuditDocument, 'pieces'> & { readonly digest: () => Buffer | undefined }

/** Writes the export and resolves to the SHA-256 of what it has written. Throws where the server's own differs. */
export const exportAudit = (asked: AuditExport): Promise<string> =>
  withStore({
    inDatabase: async (database) => save(await fromDatabase(database, asked), asked.out),
    throughServer: async (rest) => save(await fromServer(rest, asked), asked.out),
  })

const fromDatabase = async (
  database: Database,
  { what, of, format, since, until }: AuditExport,
): Promise<Source> => {
  const between = { from: since.toISOString(), to: until.toISOString(), format }
  if (what === 'viewers') return viewersDocument(database, { sku: of, ...between })
  return seenDocument(database, { ...userOf(of), ...between })
}

const fromServer = (
  rest: Rest,
  { what, of, format, since, until }: AuditExport,
): Promise<Source> => {
  const between = { from: since.toISOString(), to: until.toISOString(), format }
  const whom = what === 'viewers' ? { sku: of } : userOf(of)
  const search = new URLSearchParams({ ...whom, ...between })
  return rest.download(`/api/audit/${what}?${search.toString()}`)
}

/** As users are named on a command line. */
export const userOf = (user: string): { userId: string } | { username: string } =>
  isUuid(user) ? { userId: user } : { username: user }

const save = async ({ pieces, digest }: Source, out: string | undefined): Promise<string> => {
  const sink: Writable = out === undefined ? process.stdout : createWriteStream(out)
  const hash = createHash('sha256')
  for await (const piece of pieces) {
    hash.update(piece)
    if (!sink.write(piece)) await once(sink, 'drain')
  }
  if (out !== undefined) {
    sink.end()
    await finished(sink)
  }
  const own = hash.digest()
  if (digest()?.equals(own) !== true) {
    throw new CommandError(
      'CHECK_FAILED',
      'What arrived is not what the server has sent: it is cut off, or something on the way has changed it.',
    )
  }
  const hex = own.toString('hex')
  if (out !== undefined) await writeFile(`${out}.sha256`, `${hex}  ${basename(out)}\n`)
  return hex
}
