import type { ConnectionInfo } from '@uzima/client'
import { ROLES } from '@uzima/contracts/values'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createLanguages, createSpeech, LANGUAGES } from '../src/i18n/language.js'
import { daysUntil } from '../src/i18n/format.js'
import { match } from '../src/shell/address.js'
import { describeConnection } from '../src/shell/connection-text.js'

// Without a zone: noon and the clock times below are of the device, as on the screen.
const now = new Date('2026-03-10T14:03:30').getTime()
const at = (clock: string): number => new Date(`2026-03-10T${clock}`).getTime()

const info = (changes: Partial<ConnectionInfo>): ConnectionInfo => ({
  phase: 'connected',
  code: 'CONNECTED',
  reason: 'Connected',
  since: at('09:00:00'),
  synced: true,
  lastContactAt: at('14:03:07'),
  user: null,
  asOf: at('14:03:07'),
  verifiedAt: null,
  divergences: 0,
  sessionExpiresAt: null,
  ...changes,
})
const en = createSpeech('en')

describe('the connection bar', () => {
  it('says live, and when that was last confirmed, or checked against the database', () => {
    expect(describeConnection(info({}), en, now)).toEqual({
      kind: 'live',
      title: 'Live',
      detail: 'Confirmed at 14:03',
    })
    expect(describeConnection(info({ verifiedAt: at('14:02:00') }), en, now).detail).toBe(
      'Checked against the database at 14:02',
    )
  })

  it('does not say live after a long silence on an open connection', () => {
    expect(describeConnection(info({ lastContactAt: at('14:02:00') }), en, now)).toMatchObject({
      kind: 'stale',
      title: 'No word from the server since 14:02',
    })
  })

  it('does not say live while a snapshot is missing', () => {
    expect(describeConnection(info({ synced: false }), en, now).kind).toBe('loading')
  })

  it('says since when there is no connection and of when the stock is', () => {
    const lost = info({
      phase: 'connecting',
      code: 'CONNECTION_LOST',
      reason: 'xhr poll error',
      since: at('14:02:10'),
      asOf: at('14:01:07'),
      synced: false,
    })
    expect(describeConnection(lost, en, now)).toEqual({
      kind: 'stale',
      title: 'No connection since 14:02',
      detail: 'Stock as of 14:01. It may have changed.',
    })
  })

  it('says that waiting does not help where it does not', () => {
    const ended = info({ phase: 'disconnected', code: 'TOO_MANY_CONNECTIONS', synced: false })
    expect(describeConnection(ended, en, now)).toMatchObject({
      kind: 'ended',
      detail: expect.stringMatching(/too many devices.*It does not update any more\.$/),
    })
  })

  it('never shows a code or the words of a library, in any state and language', () => {
    const anyInfo = fc.record({
      phase: fc.constantFrom('connected', 'connecting', 'disconnected'),
      code: fc.constantFrom('STARTED', 'STOPPED', 'NETWORK_ERROR', 'AUTH_STALE', 'NEW_CODE'),
      synced: fc.boolean(),
      asOf: fc.constantFrom(null, at('14:01:07')),
    })
    fc.assert(
      fc.property(anyInfo, fc.constantFrom(...LANGUAGES), (changes, language) => {
        const speech = createSpeech(language)
        const text = describeConnection(info({ ...changes, reason: 'xhr_error' }), speech, now)
        expect(`${text.title} ${text.detail}`).not.toMatch(/_|xhr|undefined/)
      }),
    )
  })
})

describe('numbers and days', () => {
  it('are written as each language writes them', () => {
    expect(LANGUAGES.map((language) => createSpeech(language).format.number(12_345))).toEqual([
      '12,345',
      '12,345',
      '12\u202f345',
    ])
    expect(LANGUAGES.map((language) => createSpeech(language).format.day('2031-01-31'))).toEqual([
      '31 Jan 2031',
      '31 Jan 2031',
      '31 janv. 2031',
    ])
  })

  it.each([
    ['2026-03-07', -3],
    ['2026-03-10', 0],
    ['2026-03-11', 1],
    ['2027-03-10', 365],
  ])('%s is %i days away', (date, days) => {
    expect(daysUntil(date, now)).toBe(days)
  })
})

describe('the language', () => {
  const storage = (kept: string | null) => {
    const values = new Map<string, string>(kept === null ? [] : [['uzima.language', kept]])
    return {
      getItem: (key: string) => values.get(key) ?? null,
      setItem: (key: string, value: string) => void values.set(key, value),
    }
  }

  it('is the one chosen before, else the first of the browser that we speak, else English', () => {
    const first = (kept: string | null, preferred: readonly string[]) =>
      createLanguages({ storage: storage(kept), preferred }).speech().language
    expect(first('sw', ['fr-FR'])).toBe('sw')
    expect(first('xx', ['de-DE', 'fr-CD', 'en-GB'])).toBe('fr')
    expect(first(null, ['de'])).toBe('en')
  })

  it('is told to who listens, and kept', () => {
    const kept = storage(null)
    const languages = createLanguages({ storage: kept, preferred: [] })
    const heard: string[] = []
    languages.subscribe(() => heard.push(languages.speech().language))
    languages.choose('fr')
    expect(heard).toEqual(['fr'])
    expect(createLanguages({ storage: kept, preferred: [] }).speech().language).toBe('fr')
  })

  it('has a name for each role', async () => {
    const { commonWords } = await import('../src/i18n/common-words.js')
    for (const language of LANGUAGES) {
      expect(Object.keys(createSpeech(language).words(commonWords).roles)).toEqual([...ROLES])
    }
  })
})

describe('a path', () => {
  it('gives back what was put into it, whatever that is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (sku) => {
        expect(match('/stock/:sku', `/stock/${encodeURIComponent(sku)}`)).toEqual({ sku })
      }),
    )
  })

  it('that is another, longer, shorter or cut off in a letter is not this one', () => {
    for (const path of ['/stock', '/stock/', '/stock/a/b', '/other/a', '/stock/%E2%82']) {
      expect(match('/stock/:sku', path)).toBeUndefined()
    }
  })
})
