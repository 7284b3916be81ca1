import { checkpointPageSchema, checkpointSchema } from '@uzima/contracts'
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { finished } from 'node:stream/promises'
import { Command, InvalidArgumentError } from 'commander'
import { readKeys } from '../audit/evidence/checkpoints.js'
import { exportEvidence } from '../audit/evidence/export.js'
import { extendEvidence } from '../audit/evidence/extend.js'
import { addSigner, keyPath, readSigners } from '../audit/evidence/keys.js'
import { loadConfig } from '../config/load.js'
import { CommandError } from './command-error.js'
import { examples } from './examples.js'
import { remark, say, type JsonFlag } from './output.js'
import { withDatabase } from './with-database.js'
import { withStore } from './with-store.js'

/** `uzima audit key`: the public keys that an auditor is handed. */
export const keyCommand = (): Command =>
  new Command('key')
    .description('show the public keys that sign checkpoints, one a line; an auditor needs them')
    .option('--new', 'put a new key before the old ones; then restart the server')
    .addHelpText(
      'after',
      examples(
        ['uzima audit key > uzima-keys.txt', 'hand this file to the auditor'],
        ['uzima audit key --new', 'begin a rotation: both keys sign from the next start on'],
      ),
    )
    .action(async (flags: JsonFlag & { readonly new?: true }) => {
      const config = loadConfig()
      if (flags.new === true) {
        const keys = (await addSigner(config)).map(({ vkey }) => vkey)
        say(flags, keys, keys.join('\n'))
        remark(flags, `All of them sign once the server has started again: ${keyPath(config)}`)
        return
      }
      const own = ((await readSigners(config)) ?? []).map(({ vkey }) => vkey)
      const known = await withStore({
        inDatabase: readKeys,
        throughServer: async (rest) =>
          (await rest.request('GET', '/api/checkpoints?limit=1', checkpointPageSchema)).keys,
      })
      const keys = [...new Set([...known, ...own])]
      if (keys.length === 0) {
        throw new CommandError(
          'FAILED',
          'No key has signed yet. The server makes one when it runs.',
        )
      }
      say(flags, keys, keys.join('\n'))
    })

/** `uzima audit checkpoint`: a signed head of this moment. */
export const checkpointCommand = (): Command =>
  new Command('checkpoint')
    .description('sign a checkpoint of everything that is committed, and print it')
    .addHelpText(
      'after',
      examples([
        'uzima audit checkpoint > checkpoint.txt',
        'keep it where the owner of the database cannot write',
      ]),
    )
    .action(async (flags: JsonFlag) => {
      const config = loadConfig()
      const made = await withStore({
        inDatabase: async (database) => {
          const signers = await readSigners(config)
          if (signers === undefined) {
            throw new CommandError('FAILED', `There is no key in ${keyPath(config)}.`)
          }
          const checkpoint = await extendEvidence(database, { signers })
          if (checkpoint !== undefined) return checkpoint
          throw new CommandError('FAILED', 'A node is signing at this moment. Ask again.')
        },
        throughServer: (rest) => rest.request('POST', '/api/checkpoints', checkpointSchema),
      })
      say(flags, made, made.note.trimEnd())
    })

/** `uzima audit export`: the evidence as a file. */
export const exportCommand = (): Command =>
  new Command('export')
    .description('write the evidence up to the newest checkpoint into a file, for an auditor')
    .argument('<file>', 'a new file')
    .option('--from <row>', 'leave out what is before this row of the newest tree', parseRow)
    .addHelpText(
      'after',
      examples(
        ['uzima audit export evidence.jsonl', 'everything; beside running nodes with DATABASE_URL'],
        ['uzima audit export new.jsonl --from 120000', 'what has come since an older export'],
      ),
    )
    .action(async (file: string, { from, ...flags }: JsonFlag & { readonly from?: number }) => {
      const lines = await withDatabase(loadConfig(), async (database) => {
        const target = createWriteStream(file, { flags: 'wx', mode: 0o600 })
        await once(target, 'open')
        let count = 0
        for await (const line of exportEvidence(database, from === undefined ? {} : { from })) {
          if (!target.write(`${line}\n`)) await once(target, 'drain')
          count += 1
        }
        target.end()
        await finished(target)
        return count
      })
      say(flags, { file, lines }, `${lines.toString()} lines in ${file}.`)
    })

const parseRow = (text: string): number => {
  const row = Number(text)
  if (!Number.isSafeInteger(row) || row < 0) {
    throw new InvalidArgumentError('Write the number of a row, such as 120000.')
  }
  return row
}
