/**
 * `npm run screenshots`: every view of the page, in both schemes, three sizes and three languages, as PNG files in
 * `reports/screenshots`, on the demo's data. Takes some minutes; narrow it down while you work:
 *
 *   npm run screenshots -- --view stock --language fr --scheme dark --width 390
 */
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { Browser, Page } from 'playwright-core'
import { createServer } from 'vite'
import { launchBrowser } from '../test/support/browser.js'
import { startServer, type RunningServer } from '../test/support/server.js'

const SCHEMES = ['light', 'dark'] as const
const LANGUAGES = ['en', 'sw', 'fr']
const SIZES = [
  { width: 390, height: 844 },
  { width: 768, height: 1024 },
  { width: 1440, height: 900 },
]
const FOLDER = 'reports/screenshots'

/** What this needs to know of a view; `packages/dashboard/src/shell/part.ts` says the rest. */
interface View {
  readonly id: string
  readonly paths: readonly [string, ...string[]]
  readonly samples?: Readonly<Record<string, string>>
}

const { values: only } = parseArgs({
  options: {
    view: { type: 'string', multiple: true },
    language: { type: 'string', multiple: true },
    scheme: { type: 'string', multiple: true },
    width: { type: 'string', multiple: true },
  },
})
const chosen = (what: readonly string[] | undefined, value: string): boolean =>
  what === undefined || what.includes(value)

const main = async (): Promise<void> => {
  const views = (await readViews()).filter(({ id }) => chosen(only.view, id))
  if (only.view === undefined) await rm(FOLDER, { recursive: true, force: true })
  await mkdir(FOLDER, { recursive: true })
  await using server = await startServer({ env: { DEMO_DATA: 'true' } })
  await using browser = await launchBrowser()
  for (const scheme of SCHEMES.filter((each) => chosen(only.scheme, each))) {
    for (const size of SIZES.filter(({ width }) => chosen(only.width, width.toString()))) {
      await shoot(browser, server, views, scheme, size)
    }
  }
}

/** The page itself says which views there are; the bundler reads it, as it holds styles and JSX. */
const readViews = async (): Promise<readonly View[]> => {
  const bundler = await createServer({
    configFile: 'packages/dashboard/vite.config.ts',
    root: 'packages/dashboard',
    server: { middlewareMode: true, hmr: false, watch: null },
    optimizeDeps: { noDiscovery: true },
    logLevel: 'error',
  })
  try {
    const module = await bundler.ssrLoadModule('/src/shell/navigation.ts')
    return module['VIEWS'] as readonly View[]
  } finally {
    await bundler.close()
  }
}

const shoot = async (
  browser: Browser,
  server: RunningServer,
  views: readonly View[],
  colorScheme: (typeof SCHEMES)[number],
  viewport: (typeof SIZES)[number],
): Promise<void> => {
  const context = await browser.newContext({ viewport, colorScheme, reducedMotion: 'reduce' })
  const page = await context.newPage()
  const name = (view: string, language: string): string =>
    join(FOLDER, `${view}-${viewport.width.toString()}-${colorScheme}-${language}.png`)
  await page.goto(server.url)
  const languages = LANGUAGES.filter((each) => chosen(only.language, each))
  if (chosen(only.view, 'login')) {
    for (const language of languages) {
      await page.locator('#login-language').selectOption(language)
      await page.screenshot({ path: name('login', language) })
    }
  }
  await page.locator('#login-username').fill('admin')
  await page.locator('#login-password').fill(server.adminPassword)
  await page.locator('#login-submit').click()
  await page.locator('.view h1').waitFor()
  for (const language of languages) {
    await speak(page, language)
    for (const view of views) {
      for (const [sample, address] of Object.entries(
        view.samples ?? { [view.id]: view.paths[0] },
      )) {
        await page.goto(`${server.url}/#${address}`)
        await page.locator('.view h1:visible').waitFor()
        await page.waitForLoadState('networkidle')
        await page.waitForFunction(() => document.querySelector('.spinner') === null)
        await page.screenshot({ path: name(sample, language) })
      }
    }
  }
  await context.close()
}

const speak = async (page: Page, language: string): Promise<void> => {
  await page.evaluate((chosenLanguage) => {
    localStorage.setItem('uzima.language', chosenLanguage)
  }, language)
  await page.reload()
  await page.locator('.view h1').waitFor()
}

await main()
