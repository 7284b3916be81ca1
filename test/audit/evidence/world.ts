import { generateKeyPairSync } from 'node:crypto'
import { exportEvidence } from '../../../src/audit/evidence/export.js'
import { extendEvidence, type Checkpoint } from '../../../src/audit/evidence/extend.js'
import { parseNote, verifierOf, type Note, type Signer } from '../../../src/audit/evidence/note.js'
import { verifyExport, type EvidenceVerdict } from '../../../src/audit/evidence/verify-export.js'
import type { Database, Queryable } from '../../../src/storage/database.js'

export const aSigner = (): Signer => {
  const { privateKey } = generateKeyPairSync('ed25519')
  return { ...verifierOf(privateKey), privateKey }
}

/** A checkpoint of everything that is committed. */
export const checkpoint = async (
  database: Database,
  signer: Signer,
  batchSize?: number,
): Promise<Checkpoint> => {
  const made = await extendEvidence(database, {
    signers: [signer],
    ...(batchSize === undefined ? {} : { batchSize }),
  })
  if (made === undefined) throw new Error('There is nothing to sign.')
  return made
}

export const noteOf = ({ note }: Checkpoint): Note => {
  const parsed = parseNote(note)
  if (parsed === undefined) throw new Error('It is no note.')
  return parsed
}

export const exportLines = async (database: Queryable, from = 0): Promise<string[]> => {
  const lines: string[] = []
  for await (const line of exportEvidence(database, { from, pageSize: 7 })) lines.push(line)
  return lines
}

export const fileOf = (lines: readonly string[]): Buffer =>
  Buffer.from(lines.map((line) => `${line}\n`).join(''))

/** As a file system gives it: in pieces that end anywhere. */
export const verify = (
  file: Uint8Array,
  checkpoints: readonly Note[],
  ...signers: readonly Signer[]
): Promise<EvidenceVerdict> => verifyExport(piecesOf(file), { checkpoints, keys: signers })

const piecesOf = async function* (file: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < file.length; at += 1_000) yield file.subarray(at, at + 1_000)
}

/** Some of each kind: users, stock and its movements, an end of rights with its answer. */
export const makeHistory = async (database: Database): Promise<void> => {
  await database.script(`
    select set_config('uzima.actor', 'asha', false), set_config('uzima.reason', 'a first order', false);
    insert into users (username, email, role) values ('juma', 'juma@clinic.example', 'doctor');
    insert into inventory_items (sku, name, threshold) select 'ITEM-' || n, 'Item ' || n, 5 from generate_series(1, 10) n;
    insert into inventory_lots (sku, lot_number, quantity, expiry_date)
      select 'ITEM-' || n, 'L' || n, 10, '2099-01-31' from generate_series(1, 10) n;
    update users set is_active = false where username = 'juma'`)
  await database.script('update inventory_lots set quantity = 9')
}
