import { createPublicKey, hash, sign, verify, type KeyObject } from 'node:crypto'

/** A head of the tree: what is signed and given out. */
export interface Head {
  /** `uzima/<first epoch>/<epoch>`: which tree of which service. */
  readonly origin: string
  readonly size: number
  /** 64 hexadecimal digits. */
  readonly root: string
  /** When it was signed, ISO 8601, by the clock of the database. */
  readonly at: string
}

/** A public key that signs notes, as C2SP signed-note has it. */
export interface Verifier {
  readonly name: string
  /** 8 hexadecimal digits, made of name and key. */
  readonly id: string
  readonly key: KeyObject
  /** `<name>+<id>+<base64 of 0x01 and the key>`: what people hand to each other. */
  readonly vkey: string
}

export interface Signer extends Verifier {
  readonly privateKey: KeyObject
}

interface Signature {
  readonly name: string
  readonly id: string
  readonly bytes: Buffer
}

/** A note that was taken apart; nothing of it has been checked yet. */
export interface Note {
  readonly head: Head
  readonly body: string
  readonly signatures: readonly Signature[]
}

const KEY_NAME = 'uzima'
/** The algorithm Ed25519, in ids of keys and before a key. */
const ED25519 = Buffer.from([1])
/** What stands before the 32 bytes of an Ed25519 key in SPKI. */
const SPKI = Buffer.from('302a300506032b6570032100', 'hex')
const DASH = '\u2014'

/** Writes the head as a C2SP tlog-checkpoint, signed by each of the keys. */
export const signHead = ({ origin, size, root, at }: Head, signers: readonly Signer[]): string => {
  const body = `${origin}\n${size.toString()}\n${Buffer.from(root, 'hex').toString('base64')}\ntime ${at}\n`
  const lines = signers.map(({ name, id, privateKey }) => {
    const bytes = Buffer.concat([Buffer.from(id, 'hex'), sign(null, Buffer.from(body), privateKey)])
    return `${DASH} ${name} ${bytes.toString('base64')}\n`
  })
  return `${body}\n${lines.join('')}`
}

/** Takes a note apart; undefined where it is none of ours. */
export const parseNote = (note: string): Note | undefined => {
  const found = NOTE.exec(note)
  if (found === null) return undefined
  const [, body = '', origin = '', size = '', root = '', at = '', lines = ''] = found
  const signatures = lines
    .split('\n')
    .slice(0, -1)
    .map((line): Signature => {
      const [, name = '', text = ''] = line.split(' ')
      const bytes = Buffer.from(text, 'base64')
      return { name, id: bytes.subarray(0, 4).toString('hex'), bytes: bytes.subarray(4) }
    })
  const rootBytes = Buffer.from(root, 'base64')
  const isExact = rootBytes.length === 32 && rootBytes.toString('base64') === root
  if (!isExact || !Number.isSafeInteger(Number(size))) return undefined
  return {
    head: { origin, size: Number(size), root: rootBytes.toString('hex'), at },
    body,
    signatures,
  }
}

const NOTE = new RegExp(
  `^((uzima/\\S+)\\n(0|[1-9]\\d*)\\n(\\S+)\\ntime (\\S+)\\n)\\n((?:${DASH} \\S+ [A-Za-z0-9+/]+=*\\n)+)$`,
)

/** The key of `verifiers` that signed the note; undefined where none of them has, or a signature under one of them is wrong. */
export const signerOf = (note: Note, verifiers: readonly Verifier[]): Verifier | undefined => {
  let signer: Verifier | undefined
  for (const { name, id, bytes } of note.signatures) {
    const verifier = verifiers.find((one) => one.name === name && one.id === id)
    if (verifier === undefined) continue
    if (!verify(null, Buffer.from(note.body), verifier.key, bytes)) return undefined
    signer ??= verifier
  }
  return signer
}

/** The notes in a file that they were appended to. Throws where something in it is none. */
export const parseNotes = (text: string): Note[] => {
  const notes = text
    .split(/(?<=\n)\n(?=uzima\/)/)
    .map((one) => parseNote(one.replace(/\n+$/, '\n')))
  return notes.map((note, at) => {
    if (note === undefined)
      throw new Error(`Note ${(at + 1).toString()} is no signed head of ours.`)
    return note
  })
}

/** The verifier of a private or public Ed25519 key. Throws for a key of another kind. */
export const verifierOf = (key: KeyObject): Verifier => {
  const publicKey = key.type === 'private' ? createPublicKey(key) : key
  if (publicKey.asymmetricKeyType !== 'ed25519') throw new Error('It is no Ed25519 key.')
  const raw = publicKey.export({ type: 'spki', format: 'der' }).subarray(SPKI.length)
  const id = idOf(KEY_NAME, raw)
  const vkey = `${KEY_NAME}+${id}+${Buffer.concat([ED25519, raw]).toString('base64')}`
  return { name: KEY_NAME, id, key: publicKey, vkey }
}

/** Reads `<name>+<id>+<key>`. Throws where it is not what the id says. */
export const parseVerifier = (vkey: string): Verifier => {
  const [, name = '', id = '', text = ''] = /^([^+\s]+)\+([0-9a-f]{8})\+(\S+)$/.exec(vkey) ?? []
  const bytes = Buffer.from(text, 'base64')
  const raw = bytes.subarray(1)
  if (bytes[0] !== ED25519[0] || raw.length !== 32 || idOf(name, raw) !== id) {
    throw new Error('It is no public key such as `uzima audit key` prints.')
  }
  const key = createPublicKey({ key: Buffer.concat([SPKI, raw]), format: 'der', type: 'spki' })
  return { name, id, key, vkey }
}

const idOf = (name: string, raw: Buffer): string =>
  hash('sha256', Buffer.concat([Buffer.from(`${name}\n`), ED25519, raw]), 'buffer')
    .subarray(0, 4)
    .toString('hex')
