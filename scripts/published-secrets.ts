import { readdir, readFile, writeFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { deflateRawSync } from 'node:zlib'
import { MIN_SECRET_BYTES } from '../src/auth/secrets.js'
import { DIGEST_BYTES, digestOf } from '../src/auth/published-secrets.js'

/**
 * Writes `src/auth/published-data.ts`: digests of the published secrets in some lists, one a line, and the words that they
 * and further lists are made of. The lists have commas between; neither goes into the repository.
 * `npx tsx --conditions=source scripts/published-secrets.ts jwt.secrets.list flask-unsign.txt`
 */
const TARGET = 'src/auth/published-data.ts'
const MOST_WORDS = 3_000
/** Printed in standards and tutorials, and in none of the lists: RFC 7515 A.1, RFC 7520, Spring and ASP.NET. */
const PRINTED = [
  'AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow',
  'hJtXIZ2uSN5kbQfbtTNWbpdmhkV8FJG-Onbc6mxCcYg',
  '9a4f2c8d3b7a1e6f45c8a0b3f267d8b1d4e6f3c8a9d2b5f8e3a9c8b5f6v8a3d9',
  '3cfa76ef14937c1c0ea519f8fc057a80fcd04a7420f8e8bcd0a7567c272e007b',
]

const unquoted = (line: string): string => line.trim().replace(/^(['"])(.*)\1$/, '$2')

const listed = async (path: string): Promise<readonly string[]> =>
  (await readFile(path, 'utf8')).split(/\r?\n/).map(unquoted)

/** The words of a text, taken apart at separators and at capitals. */
const wordsIn = (text: string): readonly string[] =>
  text
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .match(/[a-z]{2,14}/g) ?? []

/** Whether a line is made of words rather than drawn. */
const isWords = (line: string, words: readonly string[]): boolean => {
  const letters = words.join('').length
  return (
    words.length > 1 &&
    line.length < 150 &&
    letters > 0.75 * line.length &&
    letters > 3.5 * words.length &&
    !/[a-z]\d[a-z]|[A-Z]{2}[a-z]+[A-Z]{2}|AIza|AAA/.test(line)
  )
}

/** Words that people put into secrets, and those of our own documents, the most frequent first. */
const frequentWords = async (lines: readonly string[]): Promise<readonly string[]> => {
  const counts = new Map<string, number>()
  const count = (word: string, weight: number): void => {
    counts.set(word, (counts.get(word) ?? 0) + weight)
  }
  for (const line of lines) {
    const plain = line.replace(/\\x[0-9a-f]{2}|\\u[0-9a-f]{4}/g, ' ')
    const words = wordsIn(plain)
    if (isWords(plain, words)) for (const word of new Set(words)) count(word, 1)
  }
  const documents = (await readdir('docs', { recursive: true }))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`)
  for (const path of ['README.md', 'PROTOCOL.md', 'SECURITY.md', ...documents.sort()]) {
    for (const word of wordsIn(await readFile(path, 'utf8'))) count(word, 1 / 3)
  }
  return [...counts]
    .filter(([word]) => /[aeiouy]/.test(word) || word.length < 5)
    .sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
    .slice(0, MOST_WORDS)
    .map(([word]) => word)
}

const packedDigests = (
  lines: readonly string[],
): { readonly count: number; readonly text: string } => {
  const digests = lines
    .filter((line) => Buffer.byteLength(line) >= MIN_SECRET_BYTES)
    .map((line) => digestOf(line).toString('hex'))
  const sorted = [...new Set(digests)].sort()
  return { count: sorted.length, text: Buffer.from(sorted.join(''), 'hex').toString('base64') }
}

const constant = (name: string, text: string): string => `export const ${name} =\n  '${text}'\n`

const [secretLists = '', wordLists = ''] = process.argv.slice(2)
const paths = secretLists.split(',')
if (secretLists === '') throw new Error('Name the lists of published secrets, with commas between.')
const secrets = (await Promise.all(paths.map(listed))).flat()
const others = wordLists === '' ? [] : (await Promise.all(wordLists.split(',').map(listed))).flat()
const words = await frequentWords([...secrets, ...others])
const digests = packedDigests([...secrets, ...PRINTED])
await writeFile(
  TARGET,
  [
    `// Made by scripts/published-secrets.ts from ${[secretLists, wordLists]
      .filter((one) => one !== '')
      .map((one) => basename(one))
      .join(
        ' and ',
      )}.\n// The lists are github.com/wallarm/jwt-secrets and the package flask-unsign-wordlist 2024.1, both under the MIT licence.\n`,
    `/** The first ${DIGEST_BYTES} bytes of the SHA-256 of ${digests.count} published secrets, sorted. */\n`,
    constant('DIGESTS', digests.text),
    '\n/** Frequent words, the most frequent first; deflated. */\n',
    constant('WORDS', deflateRawSync(words.join('|'), { level: 9 }).toString('base64')),
  ].join(''),
)
process.stdout.write(`${digests.count} digests, ${words.length} words\n`)
