import { createReadStream } from 'node:fs'
import { readFile } from 'node:fs/promises'
import type { Command } from 'commander'
import { parseNotes, parseVerifier, type Note, type Verifier } from '../audit/evidence/note.js'
import {
  verifyExport,
  type EvidenceVerdict,
  type VerifyExportOptions,
} from '../audit/evidence/verify-export.js'
import { CommandError } from './command-error.js'

/** What an auditor has: three files, and nothing else is looked at. */
export interface FileFlags {
  readonly export?: string
  readonly checkpoint?: readonly string[]
  readonly key?: readonly string[]
}

export const withFileFlags = (command: Command): Command =>
  command
    .option('--export <file>', 'the export, as uzima audit export wrote it')
    .option('--checkpoint <file...>', 'signed checkpoints that came another way than the export')
    .option('--key <file...>', 'public keys, one a line, as uzima audit key prints them')

/** Verifies with the files alone: no setting, no database, no folder. Throws `CommandError` where one cannot be used. */
export const verifyFiles = async (
  { export: file, checkpoint = [], key = [] }: FileFlags,
  listeners: Pick<VerifyExportOptions, 'onRow' | 'onConnection'> = {},
): Promise<EvidenceVerdict> => {
  if (file === undefined || checkpoint.length === 0 || key.length === 0) {
    throw new CommandError('FAILED', 'Name all three: --export, --checkpoint and --key.')
  }
  const checkpoints: Note[] = []
  for (const path of checkpoint) checkpoints.push(...(await readEach(path, parseNotes)))
  const keys: Verifier[] = []
  for (const path of key) keys.push(...(await readEach(path, parseKeys)))
  try {
    return await verifyExport(createReadStream(file), { checkpoints, keys, ...listeners })
  } catch (error) {
    throw cannotRead(file, error)
  }
}

const parseKeys = (text: string): Verifier[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .map(parseVerifier)

const readEach = async <T>(path: string, parse: (text: string) => T[]): Promise<T[]> => {
  try {
    return parse(await readFile(path, 'utf8'))
  } catch (error) {
    throw cannotRead(path, error)
  }
}

const cannotRead = (path: string, error: unknown): CommandError =>
  new CommandError(
    'FAILED',
    `${path} cannot be used: ${error instanceof Error ? error.message : String(error)}`,
    { cause: error },
  )

/** What holds, and what does not, for people. */
export const tellVerdict = (verdict: EvidenceVerdict): string => {
  const { rows, from, connections, heads, withheld, pruned, provenTo, signedTo } = verdict
  return [
    `${rows.toString()} rows, ${connections.toString()} connections, ${heads.toString()} signed heads: every one holds.`,
    ...(from === 0 ? [] : [`What was before row ${from.toString()} is not in the export.`]),
    ...(withheld === 0
      ? []
      : [`${withheld.toString()} rows have texts of erased people: withheld.`]),
    ...(pruned === 0 ? [] : [`${pruned.toString()} rows were removed after their time: pruned.`]),
    ...(provenTo === null
      ? []
      : [
          `The checkpoint proves the first ${provenTo.size.toString()} rows, up to ${provenTo.at}.`,
        ]),
    ...(signedTo === null || signedTo.size === provenTo?.size
      ? []
      : [
          `What follows, up to ${signedTo.at}, is signed, but no checkpoint from outside covers it.`,
        ]),
  ].join('\n')
}

/** Throws where the verdict is that something does not hold. */
export const expectHolds = ({ holds, problems }: EvidenceVerdict): void => {
  if (!holds) throw new CommandError('CHECK_FAILED', problems.join('\n'))
}
