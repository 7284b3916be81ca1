import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'

/** What each library needs at least, because of a flaw in what was before. */
const LEAST: Readonly<Record<string, string>> = {
  'socket.io': '4.8.4',
  'engine.io': '6.6.12',
  'socket.io-parser': '4.2.7',
  'socket.io-adapter': '2.5.8',
  // CVE-2026-45736, CVE-2026-48779, and the flood of pings
  ws: '8.23.0',
  jose: '6.2.17',
  jsonwebtoken: '9.0.3',
}

const isAtLeast = (version: string, least: string): boolean =>
  version.localeCompare(least, 'en', { numeric: true }) >= 0

describe('the libraries that strangers reach', () => {
  it('are installed once each, at the version that has their flaws mended or later', async () => {
    const { packages } = JSON.parse(await readFile('package-lock.json', 'utf8')) as {
      readonly packages: Readonly<Record<string, { readonly version: string }>>
    }
    for (const [name, least] of Object.entries(LEAST)) {
      const copies = Object.entries(packages).filter(
        ([path]) => path.replace(/^.*node_modules\//, '') === name,
      )
      expect({ name, copies: copies.length }).toEqual({ name, copies: 1 })
      const version = copies[0]?.[1].version ?? ''
      expect({ name, version, ok: isAtLeast(version, least) }).toEqual({ name, version, ok: true })
    }
  })

  it.each([
    ['8.22.9', '8.23.0', false],
    ['8.23.0', '8.23.0', true],
    ['10.0.0', '9.9.9', true],
  ])('are compared as versions: %s against %s', (version, least, expected) => {
    expect(isAtLeast(version, least)).toBe(expected)
  })
})
