import { open } from 'node:fs/promises'
import { listCheckpoints, readCheckpointAge } from '../audit/evidence/checkpoints.js'
import { extendEvidence, type Checkpoint } from '../audit/evidence/extend.js'
import { readOrMakeSigners } from '../audit/evidence/keys.js'
import type { Signer } from '../audit/evidence/note.js'
import { StartError } from '../config/start-errors.js'
import { AppError } from '../errors/app-error.js'
import type { Checkpoints } from '../http/routes/checkpoints.js'
import type { Database } from '../storage/database.js'
import type { Base } from './base.js'
import { repeat } from './repeat.js'

const EVERY_MS = 60_000

/**
 * Signs what has happened, each minute and when it is asked to: whichever node comes first, once in the cluster. Each head goes
 * into the log and, where CHECKPOINT_FILE is set, to the end of that file. At the end the last minute is signed, too.
 */
export const keepCheckpoints = (base: Base, database: Database): Checkpoints => {
  const { config, logger, metrics, releases } = base
  let signers: readonly Signer[] | undefined
  let failed = false
  let stopping = false
  let signing: Promise<Checkpoint | undefined> | undefined
  // By a clock that nobody sets.
  let signedAt = performance.now()
  metrics.beforeScrape(() => {
    metrics.checkpointAge.set((performance.now() - signedAt) / 1_000)
  })

  const sign = async (): Promise<Checkpoint | undefined> => {
    signers ??= await readOrMakeSigners(config)
    const made = await extendEvidence(database, { signers, isStopped: () => stopping })
    if (made !== undefined) {
      // For whoever gathers the lines of the log elsewhere.
      logger.info({ checkpoint: made.note }, 'Checkpoint')
      if (config.checkpointFile !== undefined) await appendTo(config.checkpointFile, made.note)
    }
    const age = made === undefined ? await readCheckpointAge(database) : 0
    if (age !== null) signedAt = performance.now() - age * 1_000
    return made
  }

  /** One at a time: who comes meanwhile gets one that begins after he came. */
  const signNext = async (): Promise<Checkpoint | undefined> => {
    await signing?.catch(() => undefined)
    signing ??= sign().finally(() => {
      signing = undefined
    })
    return signing
  }

  const look = async (): Promise<void> => {
    try {
      await signNext()
      if (failed) logger.info('Checkpoints are being signed again')
      failed = false
    } catch (error) {
      if (!failed) {
        logger.error(
          { err: error },
          'No checkpoint could be signed; it is tried again each minute. Look at the key and at CHECKPOINT_FILE',
        )
      }
      failed = true
    }
  }

  const looks = repeat(look, EVERY_MS)
  releases.add('checkpoints', async () => {
    stopping = true
    await looks.stop()
    // Who has not lived for a minute has no key yet, and leaves it to the others.
    if (signers === undefined) return
    stopping = false
    await look()
  })

  return {
    list: (query) => listCheckpoints(database, query),
    async make() {
      const made = await signNext().catch(refuse)
      if (made !== undefined) return made
      throw new AppError('SERVER_UNAVAILABLE', {
        detail: 'Another node is signing at this moment. Ask again.',
      })
    },
  }
}

/** A key that cannot be used is no accident of this request. Where it is, the log says. */
const refuse = (error: unknown): never => {
  if (!(error instanceof StartError)) throw error
  throw new AppError('SERVER_UNAVAILABLE', {
    detail:
      'The key that signs checkpoints cannot be used. Make it with uzima audit key --new, give it to the user of the server (mode 0600) and set CHECKPOINT_KEY_FILE, on every node; the log says what is wrong.',
    cause: error,
  })
}

/** Resolves once it would survive a power cut. The notes in it stand apart by an empty line. */
const appendTo = async (path: string, note: string): Promise<void> => {
  const file = await open(path, 'a', 0o644)
  try {
    await file.writeFile(`${note}\n`)
    await file.sync()
  } finally {
    await file.close()
  }
}
