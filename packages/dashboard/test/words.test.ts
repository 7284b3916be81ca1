import { ERRORS } from '@uzima/contracts/values'
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { describe, expect, it } from 'vitest'
import { describeRefusal } from '../src/i18n/describe-refusal.js'
import { createSpeech, LANGUAGES, type Catalogue } from '../src/i18n/language.js'
import { loginWords } from '../src/login/login-words.js'
import { findTexts } from './find-texts.js'

const SOURCE = fileURLToPath(new URL('../src', import.meta.url))
const files = readdirSync(SOURCE, { recursive: true, encoding: 'utf8' }).map((file) =>
  join(SOURCE, file),
)

describe('text for people', () => {
  it('stands in the catalogues and nowhere else', () => {
    const found = files
      .filter((file) => /\.tsx?$/.test(file) && !/-words\.ts$|refusal-(en|sw|fr)\.ts$/.test(file))
      .flatMap((file) =>
        findTexts(file, readFileSync(file, 'utf8')).map(
          ({ line, text }) => `${relative(SOURCE, file)}:${line.toString()} ${text}`,
        ),
      )
    expect(found).toEqual([])
  })

  it('would be found, in what is drawn and in what is only heard', () => {
    const source = `
      const View = () => (
        <div title="Shown on hover" className="not text" data-x={1}>
          Plain text {count} {'a literal'} {\`\${n} left\`} {low ? 'Low' : ''} {done && 'Done'} ✕ 12
          <Field label={'Lot number'} hint={wrong ? 'Not a number' : undefined} />
        </div>
      )`
    expect(findTexts('view.tsx', source).map(({ text }) => text)).toEqual([
      'Shown on hover',
      'Plain text',
      'a literal',
      'left',
      'Low',
      'Done',
      'Lot number',
      'Not a number',
    ])
  })

  it('is there in each language for each word', async () => {
    const catalogues = await Promise.all(
      files
        .filter((file) => file.endsWith('-words.ts'))
        .map(async (file) => {
          // Each such file exports catalogues and constants; a catalogue has a function for each language.
          const module = (await import(pathToFileURL(file).href)) as Record<string, unknown>
          return Object.entries(module).filter(([, value]) => isCatalogue(value))
        }),
    )
    for (const [name, value] of catalogues.flat()) {
      const shapes = LANGUAGES.map((language) =>
        shapeOf(createSpeech(language).words(value as Catalogue<object>)),
      )
      expect(shapes[1], `${name} in Swahili`).toEqual(shapes[0])
      expect(shapes[2], `${name} in French`).toEqual(shapes[0])
    }
    expect(catalogues.flat().length).toBeGreaterThan(5)
  })

  it.each(LANGUAGES)('says each refusal in a sentence without its code (%s)', (language) => {
    const speech = createSpeech(language)
    for (const code of [...Object.keys(ERRORS), 'A_CODE_OF_TOMORROW', 'unknown', 'constructor']) {
      const sentence = describeRefusal(speech, { code })
      expect(sentence).toMatch(/^\p{Lu}.*[.?]$/u)
      expect(sentence).not.toMatch(/[A-Z]{2,}|_/)
    }
  })

  it('of the form that is there before any script is the English of its catalogue', () => {
    const html = readFileSync(join(SOURCE, '../index.html'), 'utf8')
    const words = createSpeech('en').words(loginWords)
    const found = [...html.matchAll(/data-word="(\w+)"[^>]*>([^<]*)</g)].map(
      ([, word = '', text = '']) => [word, text.trim()],
    )
    expect(found.length).toBeGreaterThan(5)
    expect(found).toEqual(found.map(([word = '']) => [word, words[word as keyof typeof words]]))
  })
})

const isCatalogue = (value: unknown): boolean =>
  typeof value === 'object' &&
  value !== null &&
  LANGUAGES.every((language) => typeof Reflect.get(value, language) === 'function')

/** What a catalogue holds, without its words: which are texts, which functions, which groups of others. */
const shapeOf = (words: object): unknown =>
  Object.fromEntries(
    Object.entries(words)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, word]: [string, unknown]) => [
        name,
        typeof word === 'object' && word !== null ? shapeOf(word) : typeof word,
      ]),
  )
