import { randomBytes, randomUUID } from 'node:crypto'
import { expect, it } from 'vitest'
import { keyMark, nodesWithOtherKeys } from '../../src/auth/key-mark.js'
import { createKeys, type Keys } from '../../src/auth/keys.js'

const secret = (): string => randomBytes(48).toString('base64url')

const keysOf = (jwtSecret: string, jwtSecretPrevious?: string): Promise<Keys> =>
  createKeys({ environment: 'production', dataDir: '', jwtSecret, jwtSecretPrevious })

const markOf = async ({ signingKey }: Keys, id: string): Promise<Buffer> => {
  if (signingKey === undefined) throw new Error('There is no key to sign with.')
  return keyMark(signingKey, id)
}

it('names the nodes that sign with a key that is not known here, while it changes too', async () => {
  const [old, current, foreign] = [secret(), secret(), secret()]
  const ours = await keysOf(current, old)
  const node = async (name: string, jwtSecret: string) => {
    const id = randomUUID()
    return { id, name, mark: await markOf(await keysOf(jwtSecret), id) }
  }
  const nodes = [
    await node('as we', current),
    await node('not restarted yet', old),
    await node('foreign', foreign),
    { id: randomUUID(), name: 'without a mark', mark: null },
  ]
  expect(await nodesWithOtherKeys(nodes, ours)).toEqual(['foreign'])
})

it('shows another mark of the same key in each run', async () => {
  const keys = await keysOf(secret())
  const marks = [await markOf(keys, randomUUID()), await markOf(keys, randomUUID())]
  expect(marks[0]).not.toEqual(marks[1])
})
