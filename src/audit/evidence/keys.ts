import { createPrivateKey, generateKeyPairSync } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { StartError } from '../../config/start-errors.js'
import { createFile, isMissing, makeFolder, replaceFile } from '../../storage/durable-files.js'
import { verifierOf, type Signer } from './note.js'

/** Where the private keys of the checkpoints are. */
export interface KeyPlace {
  /** CHECKPOINT_KEY_FILE: it must be there. */
  readonly checkpointKeyFile?: string | undefined
  /** Else `checkpoint-key.pem` in it. */
  readonly dataDir: string
}

const PEM = /-----BEGIN PRIVATE KEY-----[\s\S]+?-----END PRIVATE KEY-----/g

export const keyPath = ({ checkpointKeyFile, dataDir }: KeyPlace): string =>
  checkpointKeyFile ?? join(dataDir, 'checkpoint-key.pem')

/**
 * The keys that sign, the newest first: PKCS#8 in PEM, one below the other. Undefined where there is no file. Throws
 * `StartError` where it holds something else.
 */
export const readSigners = async (place: KeyPlace): Promise<Signer[] | undefined> => {
  const path = keyPath(place)
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    if (isMissing(error)) return undefined
    throw unusable(path, 'it cannot be read. Give it to the user of the server, mode 0600', error)
  }
  try {
    const signers = (text.match(PEM) ?? []).map((pem): Signer => {
      const privateKey = createPrivateKey(pem)
      return { ...verifierOf(privateKey), privateKey }
    })
    if (signers.length > 0) return signers
  } catch {
    // The reason could quote the key.
  }
  throw unusable(path, 'it holds no Ed25519 key in PEM (PKCS#8). Restore it from a backup')
}

/** The same; a key is made where there is none in `dataDir` (mode 0600). Who comes second takes the first one's. */
export const readOrMakeSigners = async (place: KeyPlace): Promise<Signer[]> => {
  const existing = await readSigners(place)
  if (existing !== undefined) return existing
  const path = keyPath(place)
  if (place.checkpointKeyFile !== undefined) {
    throw unusable(path, 'it is not there. Make it with: uzima audit key --new')
  }
  try {
    await makeFolder(dirname(path))
    await createFile(path, newKey())
  } catch (error) {
    throw unusable(path, 'no key can be made there. Set CHECKPOINT_KEY_FILE', error)
  }
  return (await readSigners(place)) ?? []
}

/** Puts a new key before those that are there; from then on all of them sign. Resolves to all of them. */
export const addSigner = async (place: KeyPlace): Promise<Signer[]> => {
  const path = keyPath(place)
  const old = (await readSigners(place)) ?? []
  const pems = old.map(({ privateKey }) =>
    privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  )
  await makeFolder(dirname(path))
  await replaceFile(path, newKey() + pems.join(''))
  return (await readSigners(place)) ?? []
}

const newKey = (): string =>
  generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()

const unusable = (path: string, what: string, cause?: unknown): StartError =>
  new StartError(`CHECKPOINT_KEY_FILE: ${path} cannot be used: ${what}.`, { cause })
