import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { chromium, type Browser } from 'playwright-core'
import { fetchBinaries } from './binaries.js'

const INSTALLED = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
]

/** Nothing that reaches for the network or asks the user; drawing in software, without a GPU's to imitate. */
const ARGS = [
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-dev-shm-usage',
  '--disable-quic',
  '--disable-sync',
  '--no-first-run',
]

/**
 * Starts a headless Chromium: `CHROME_PATH`, an installed one, else that of the npm package
 * `@sparticuz/chromium`, fetched into `.cache`. Close it with `browser.close()` or `await using`.
 *
 * @param more arguments of Chromium
 * @throws with the command that installs the missing libraries
 */
export const launchBrowser = async (more: readonly string[] = []): Promise<Browser> => {
  const executablePath =
    process.env['CHROME_PATH'] ??
    INSTALLED.find((file) => existsSync(file)) ??
    (await unpackedChromium())
  const isRoot = process.getuid?.() === 0
  try {
    return await chromium.launch({
      executablePath,
      headless: true,
      args: [...ARGS, ...more, ...(isRoot ? ['--no-sandbox'] : [])],
    })
  } catch (cause) {
    throw new Error(explain(cause), { cause })
  }
}

const unpackedChromium = async (): Promise<string> => {
  const fetched = createRequire(join(await fetchBinaries('chromium'), 'index.js'))
  // It is not there before the first test that needs it, so the compiler cannot look it up.
  const unpacker = fetched('@sparticuz/chromium') as {
    readonly executablePath: () => Promise<string>
  }
  return await unpacker.executablePath()
}

const explain = (cause: unknown): string => {
  const text = cause instanceof Error ? cause.message : String(cause)
  const library = /error while loading shared libraries: (\S+?):/.exec(text)?.[1]
  if (library !== undefined) {
    return (
      `Chromium lacks ${library}: install what it needs with \`apt-get install libnss3 libnspr4\`, ` +
      'or a whole browser with `apt-get install chromium`.'
    )
  }
  return (
    'Chromium does not start: install one with `apt-get install chromium` (Debian), ' +
    'or name one in CHROME_PATH.'
  )
}
