/**
 * `npm run screenshots`: every view of the page, and what no address alone shows, in both schemes, three sizes and three
 * languages, as PNG files in `reports/screenshots`, on the demo's data. Takes some ten minutes; narrow it down while you work:
 *
 *   npm run screenshots -- --view stock --language fr --scheme dark --width 390
 */
import { randomBytes } from 'node:crypto'
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import type { Browser, Page } from 'playwright-core'
import { createServer } from 'vite'
import { launchBrowser } from '../test/support/browser.js'
import { startServer, type RunningServer } from '../test/support/server.js'
import { goTo, SCENES } from './screenshot-scenes.js'

const SCHEMES = ['light', 'dark'] as const
const LANGUAGES = ['en', 'sw', 'fr']
const SIZES = [
  { width: 390, height: 844 },
  { width: 768, height: 1024 },
  { width: 1440, height: 900 },
]
/** A screen on the wall, which shows one view only. */
const WALL = { width: 1920, height: 1080 }
/** Who sees less than an administrator. */
const ROLES = ['doctor', 'educator', 'patient']
const FOLDER = 'reports/screenshots'

/** What this needs to know of a view; `packages/dashboard/src/shell/part.ts` says the rest. */
interface View {
  readonly id: string
  readonly paths: readonly [string, ...string[]]
  readonly samples?: Readonly<Record<string, string>>
}

/** Somebody to look with. */
interface Person {
  readonly username: string
  readonly password: string
}

/** One way to look: who has a phone in the dark and reads French. */
interface Look {
  readonly scheme: (typeof SCHEMES)[number]
  readonly size: (typeof SIZES)[number]
  readonly language: string
}

interface Clinic {
  readonly browser: Browser
  readonly server: RunningServer
  /** On which every session is about to end. */
  readonly short: RunningServer
  readonly people: Readonly<Record<string, Person>>
}

const { values: only } = parseArgs({
  options: {
    view: { type: 'string', multiple: true },
    language: { type: 'string', multiple: true },
    scheme: { type: 'string', multiple: true },
    width: { type: 'string', multiple: true },
  },
})
const isChosen = (what: readonly string[] | undefined, value: string): boolean =>
  what === undefined || what.includes(value)
const wants = (id: string): boolean => isChosen(only.view, id)

const main = async (): Promise<void> => {
  const started = Date.now()
  const addresses = addressesOf(await readViews())
  if (Object.keys(only).length === 0) {
    await rm(FOLDER, { recursive: true, force: true })
  }
  await mkdir(FOLDER, { recursive: true })
  await using server = await startServer({ env: { DEMO_DATA: 'true' } })
  await using short = await startServer({ env: { DEMO_DATA: 'true', ACCESS_TOKEN_TTL: '110s' } })
  await using browser = await launchBrowser()
  await useUpSome(server)
  const clinic = { browser, server, short, people: await addPeople(server) }
  let shots = 0
  for (const look of looks()) {
    shots += await shootAll(clinic, addresses, look)
    console.info(`${look.scheme}, ${look.size.width.toString()} px, ${look.language}: done`)
  }
  const seconds = Math.round((Date.now() - started) / 1000)
  console.info(`${shots.toString()} pictures in ${FOLDER}, after ${seconds.toString()} s`)
}

const looks = (): readonly Look[] =>
  SCHEMES.filter((scheme) => isChosen(only.scheme, scheme)).flatMap((scheme) =>
    [...SIZES, WALL]
      .filter(({ width }) => isChosen(only.width, width.toString()))
      .flatMap((size) =>
        LANGUAGES.filter((language) => isChosen(only.language, language)).map((language) => ({
          scheme,
          size,
          language,
        })),
      ),
  )

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

const addressesOf = (views: readonly View[]): readonly (readonly [string, string])[] =>
  views.flatMap(({ id, paths, samples }) => Object.entries(samples ?? { [id]: paths[0] }))

/** The item that has a view of its own among the pictures. */
const SHOWN = 'AMOX-CAP-500'

/** Moves the stock a little: the page can say when an item runs out, and draw how one was used. */
const useUpSome = async (server: RunningServer): Promise<void> => {
  const token = await server.login()
  const page = await server.api(token, 'GET', '/api/inventory?limit=100')
  const { items } = page as { items: { sku: string; usableQuantity: number }[] }
  for (const [index, { sku, usableQuantity }] of items.entries()) {
    if (index % 10 !== 0) continue
    const quantity = Math.floor(usableQuantity * (0.16 + index / 700))
    for (let use = 0; use < 3 && quantity > 0; use += 1) {
      await server.api(token, 'POST', `/api/inventory/${sku}/consume`, { quantity })
    }
  }
  for (const quantity of [420, 380, 510, -900, 460, 390, 540]) {
    const lot = { lotNumber: 'D27-0420', expiryDate: '2031-04-30', reason: 'Delivery 420' }
    await (quantity < 0
      ? server.api(token, 'POST', `/api/inventory/${SHOWN}/lots`, { ...lot, quantity: -quantity })
      : server.api(token, 'POST', `/api/inventory/${SHOWN}/consume`, { quantity }))
    // So that each is a step of its own in the drawing.
    await delay(1000)
  }
}

const addPeople = async (server: RunningServer): Promise<Clinic['people']> => {
  const token = await server.login()
  const people: Record<string, Person> = {}
  for (const role of ROLES) {
    const person = { username: `the.${role}`, password: randomBytes(12).toString('base64url') }
    const body = { ...person, role, email: `${role}@clinic.example` }
    await server.api(token, 'POST', '/api/users', body)
    people[role] = person
  }
  return people
}

/** Makes all pictures of one look; resolves to how many. */
const shootAll = async (
  clinic: Clinic,
  addresses: readonly (readonly [string, string])[],
  look: Look,
): Promise<number> => {
  const { server, short, people } = clinic
  const admin = { username: 'admin', password: server.adminPassword }
  let shots = 0
  const shoot = async (page: Page, id: string): Promise<void> => {
    await page.waitForFunction(
      () => document.querySelector('.view .spinner, [data-connection=loading]') === null,
    )
    // Nothing is pointed at.
    await page.mouse.move(0, 0)
    const { size, scheme, language } = look
    const name = `${id}-${size.width.toString()}-${scheme}-${language}.png`
    await page.screenshot({ path: join(FOLDER, name) })
    shots += 1
  }

  const isWall = look.size === WALL
  const shown = addresses.filter(([id]) => wants(id) && (!isWall || id === 'wall'))
  const scenes = isWall ? [] : SCENES.filter(({ id }) => wants(id))
  if (shown.length + scenes.length > 0 || (wants('login') && !isWall)) {
    await using window = await open(clinic.browser, server, look)
    const { page } = window
    if (wants('login') && !isWall) await shoot(page, 'login')
    await signIn(page, admin)
    for (const [id, address] of shown) {
      await goTo(page, address)
      await page.locator('.view h1:visible').waitFor()
      await page.waitForLoadState('networkidle')
      await shoot(page, id)
    }
    for (const scene of scenes) {
      await goTo(page, '/stock')
      await page.locator('.view h1:visible').waitFor()
      await scene.show(page)
      await page.waitForLoadState('networkidle')
      await shoot(page, scene.id)
      await scene.leave?.(page)
    }
  }
  for (const role of isWall ? [] : ROLES) {
    const person = people[role]
    if (person === undefined || !wants(role)) continue
    await using window = await open(clinic.browser, server, look)
    await signIn(window.page, person)
    await window.page.waitForLoadState('networkidle')
    await shoot(window.page, role)
  }
  if (wants('session-ends') && !isWall) {
    await using window = await open(clinic.browser, short, look)
    const { page } = window
    await page.route('**/api/auth/refresh', (route) => route.abort())
    await signIn(page, { username: 'admin', password: short.adminPassword })
    await page.locator('[data-notice=warn]').waitFor()
    await shoot(page, 'session-ends')
  }
  return shots
}

interface Window extends AsyncDisposable {
  readonly page: Page
}

const open = async (browser: Browser, server: RunningServer, look: Look): Promise<Window> => {
  const context = await browser.newContext({
    viewport: look.size,
    colorScheme: look.scheme,
    locale: look.language,
    reducedMotion: 'reduce',
  })
  const page = await context.newPage()
  await page.goto(server.url)
  await page.locator('#login-language').selectOption(look.language)
  return { page, [Symbol.asyncDispose]: () => context.close() }
}

const signIn = async (page: Page, { username, password }: Person): Promise<void> => {
  await page.locator('#login-username').fill(username)
  await page.locator('#login-password').fill(password)
  await page.locator('#login-submit').click()
  await page.locator('.view h1').waitFor()
}

await main()
