import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { explainFolderError } from '../config/start-errors.js'
import { createFile, isMissing, makeFolder } from '../storage/durable-files.js'
import { generateSecret, secretWeakness } from './secrets.js'

/**
 * Resolves to the key in `<dataDir>/jwt-secret`, made on the first call (mode 0600). Processes that start at once
 * agree: one writes, the others read what it wrote. Throws `StartError` where the folder cannot be used.
 */
export const readOrGenerateSecret = async (dataDir: string): Promise<string> => {
  try {
    return await readOrGenerate(dataDir)
  } catch (error) {
    throw explainFolderError(error, dataDir)
  }
}

/** The key in `dataDir`, or undefined where none was made. Throws where what is there is no key. */
export const readGeneratedSecret = (dataDir: string): Promise<string | undefined> =>
  readSecret(pathIn(dataDir))

const pathIn = (dataDir: string): string => join(dataDir, 'jwt-secret')

const readOrGenerate = async (dataDir: string): Promise<string> => {
  const path = pathIn(dataDir)
  const existing = await readSecret(path)
  if (existing !== undefined) return existing
  await makeFolder(dataDir)
  // Else tokens signed with the key could outlive it: the file and its name survive a power cut.
  await createFile(path, `${generateSecret()}\n`)
  const secret = await readSecret(path)
  if (secret === undefined) throw new Error(`${path} vanished while it was read. Start again.`)
  return secret
}

const readSecret = async (path: string): Promise<string | undefined> => {
  try {
    const secret = (await readFile(path, 'utf8')).trim()
    if (secretWeakness(secret) === undefined) return secret
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
  throw new Error(
    `${path} holds no key that can be used. Restore it from a backup; or remove it and start again, and everybody logs in anew.`,
  )
}
