import { verify } from 'node:crypto'
import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addSigner, readOrMakeSigners, readSigners } from '../../../src/audit/evidence/keys.js'
import { growTree, leafHash } from '../../../src/audit/evidence/merkle.js'
import {
  parseNote,
  parseNotes,
  parseVerifier,
  signerOf,
  signHead,
} from '../../../src/audit/evidence/note.js'
import { aSigner } from './world.js'

describe('the tree', () => {
  // Those of the implementations of RFC 6962.
  const LEAVES = ['', '\u0000', '\u0010', ' !', '01', '@ABC', 'PQRSTUVW', '`abcdefghijklmno']
  const ROOTS = [
    'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
    'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
    'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
    'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
    '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
    '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
    'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
    '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
  ]

  it('has the roots that others have', () => {
    const tree = growTree()
    const roots = [tree.root(), ...LEAVES.map((leaf) => (tree.append(leafHash(leaf)), tree.root()))]
    expect(roots.map((root) => root.toString('hex'))).toEqual(ROOTS)
  })

  it('goes on from its frontier as if it had never stopped', () => {
    fc.assert(
      fc.property(fc.nat(200), fc.nat(200), (before, after) => {
        const whole = growTree()
        for (let n = 0; n < before; n += 1) whole.append(leafHash(n.toString()))
        const resumed = growTree(before, whole.frontier())
        for (let n = 0; n < after; n += 1) {
          for (const tree of [whole, resumed]) tree.append(leafHash(`later ${n.toString()}`))
        }
        expect(resumed.root()).toEqual(whole.root())
        expect(resumed.size()).toBe(before + after)
      }),
    )
    expect(() => growTree(3, [])).toThrow(RangeError)
  })
})

describe('a signed head', () => {
  const head = {
    origin: 'uzima/11111111-1111-4111-8111-111111111111/22222222-2222-4222-8222-222222222222',
    size: 4_711,
    root: 'ab'.repeat(32),
    at: '2026-01-31T12:00:00.000Z',
  }

  it('is read back as it was signed, with each of several keys', () => {
    const [one, two, other] = [aSigner(), aSigner(), aSigner()]
    const text = signHead(head, [one, two])
    const note = parseNote(text)
    if (note === undefined) throw new Error('It is none.')
    expect(note.head).toEqual(head)
    expect(signerOf(note, [two])?.id).toBe(two.id)
    expect(signerOf(note, [other])).toBeUndefined()
    expect(parseNotes(`${text}\n${text}\n`)).toHaveLength(2)
    expect(parseNote(text.replace('4711', '04711'))).toBeUndefined()
    const changed = parseNote(text.replace('4711', '4712'))
    expect(changed && signerOf(changed, [one, two])).toBeUndefined()
  })

  it('names keys as others do', () => {
    // The example of golang.org/x/mod/sumdb/note.
    const key = parseVerifier('PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW')
    const text =
      "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
    const signature = Buffer.from(
      'x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=',
      'base64',
    )
    expect(signature.subarray(0, 4).toString('hex')).toBe(key.id)
    expect(verify(null, Buffer.from(text), key.key, signature.subarray(4))).toBe(true)
    const { vkey, id } = aSigner()
    expect(parseVerifier(vkey).id).toBe(id)
    expect(() => parseVerifier(vkey.replace(id, 'c74f20a3'))).toThrow(/public key/)
  })
})

describe('the key file', () => {
  it('is made once, for its owner alone, and a rotation keeps the old key beside the new one', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'uzima-keys-'))
    try {
      const path = join(dataDir, 'checkpoint-key.pem')
      expect(await readSigners({ dataDir })).toBeUndefined()
      const made = await Promise.all([1, 2, 3].map(() => readOrMakeSigners({ dataDir })))
      const [old] = made[0] ?? []
      expect(new Set(made.flat().map(({ id }) => id))).toEqual(new Set([old?.id]))
      expect((await stat(path)).mode & 0o777).toBe(0o600)
      const both = await addSigner({ dataDir })
      expect(both).toHaveLength(2)
      expect(both[1]?.id).toBe(old?.id)
      expect((await stat(path)).mode & 0o777).toBe(0o600)

      await writeFile(path, 'no key')
      await expect(readOrMakeSigners({ dataDir })).rejects.toThrow(/holds no Ed25519 key/)
      expect(await readFile(path, 'utf8')).toBe('no key')
      await chmod(path, 0o600)
      const named = { dataDir, checkpointKeyFile: join(dataDir, 'named.pem') }
      await expect(readOrMakeSigners(named)).rejects.toThrow(/is not there/)
    } finally {
      await rm(dataDir, { recursive: true })
    }
  })
})
