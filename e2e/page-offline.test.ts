import { createHash, X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { Page, Route } from 'playwright-core'
import { io } from 'socket.io-client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTrustAnswer } from '../src/http/trust/answer.js'
import { launchBrowser } from '../test/support/browser.js'
import { createPageWorld, type PageWorld } from './page-world.js'
import { goTo, objections, openEveryView, signIn, untilLive, untilOpensOffline } from './page.js'

let world: PageWorld

beforeAll(async () => {
  world = await createPageWorld()
  await world.database.query(
    `insert into inventory_items (sku, name, unit, threshold) values
       ('AMOX', 'Amoxicillin 500 mg', 'capsule', 2), ('ZINC', 'Zinc 20 mg', 'tablet', 20)`,
  )
  await world.database.query(
    `insert into inventory_lots (sku, lot_number, quantity, expiry_date) values
       ('AMOX', 'L1', 120, '2035-01-31'), ('ZINC', 'L1', 7, '2035-01-31')`,
  )
})
afterAll(() => world[Symbol.asyncDispose]())

const quantity = async (): Promise<number | undefined> => {
  const [lot] = await world.database.query<{ quantity: number }>(
    `select quantity from inventory_lots where sku = 'AMOX'`,
  )
  return lot?.quantity
}

const consume = async (page: Page, count: number): Promise<void> => {
  await goTo(page, '/stock/AMOX?do=consume')
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Quantity').fill(count.toString())
  await page.keyboard.press('Control+Enter')
  await dialog.waitFor({ state: 'detached' })
}

/** Until the page says that it opens without a network, and stock and alerts are on the disk. */
const untilKept = async (page: Page): Promise<void> => {
  await untilLive(page)
  await untilOpensOffline(page)
  for (const part of ['Amoxicillin', 'low_stock']) {
    await expect.poll(() => page.evaluate(readKept), { timeout: 30_000 }).toContain(part)
  }
}

/** Everything that this origin's database holds, as text. */
const readKept = async (): Promise<string> => {
  const found: unknown[] = []
  for (const { name } of await indexedDB.databases()) {
    if (name === undefined) continue
    const database = await new Promise<IDBDatabase>((resolve, reject) => {
      const request = indexedDB.open(name)
      request.onsuccess = () => {
        resolve(request.result)
      }
      request.onerror = () => {
        reject(new Error(`${name} does not open`))
      }
    })
    for (const store of database.objectStoreNames) {
      found.push(
        await new Promise((resolve) => {
          const all = database.transaction(store).objectStore(store).getAll()
          all.onsuccess = () => {
            resolve(all.result)
          }
        }),
      )
    }
    database.close()
  }
  return JSON.stringify(found)
}

describe('without a network', () => {
  it('the page opens with the last known stock, keeps three movements over a reload, and books each once', async () => {
    await using opened = await world.openAs()
    const { page } = opened
    await untilKept(page)
    await page.context().setOffline(true)
    await openEveryView(page, 'AMOX')
    for (const count of [1, 2, 4]) await consume(page, count)
    const notice = page.locator('[data-notice=pending]')
    await expect.poll(() => notice.innerText()).toContain('3 movements wait to be sent.')

    await page.reload()
    await page.locator('[data-connection=stale]', { hasText: 'Stock as of' }).waitFor()
    expect(await page.locator('#login-form').isVisible()).toBe(false)
    await openEveryView(page, 'AMOX')
    await goTo(page, '/alerts')
    await page.locator('[data-alert=low_stock]', { hasText: 'Zinc' }).waitFor()
    await page.getByText(/^As of .* They may have changed/).waitFor()
    await expect.poll(() => notice.innerText()).toContain('3 movements wait to be sent.')
    expect(await quantity()).toBe(120)

    // The answer to the first refresh gets lost after the server has committed it: nobody is signed out for that.
    let lost = 0
    const loseAnswer = async (route: Route): Promise<void> => {
      await route.fetch()
      await route.abort()
      lost += 1
    }
    await page.route('**/api/auth/refresh', loseAnswer, { times: 1 })
    await page.context().setOffline(false)
    await expect.poll(quantity).toBe(113)
    await notice.waitFor({ state: 'detached' })
    expect(lost).toBe(1)
    await untilLive(page)
    const [booked] = await world.database.query<{ count: string }>(
      `select count(*) from stock_movements where sku = 'AMOX' and type = 'consumed'`,
    )
    expect(Number(booked?.count)).toBe(3)
  })

  it('a refusal waits for a decision, in words', async () => {
    await using opened = await world.openAs()
    const { page } = opened
    await untilKept(page)
    await page.context().setOffline(true)
    await consume(page, 5)
    await world.database.query(`update inventory_lots set quantity = 3 where sku = 'AMOX'`)
    await page.context().setOffline(false)
    const refused = page.locator('[data-notice=error]')
    await expect.poll(() => refused.innerText()).toContain('1 movement was refused')
    await page.reload()
    await refused.getByRole('link', { name: 'Decide' }).click()
    await page.getByRole('button', { name: 'Take 3' }).click()
    await expect.poll(quantity).toBe(0)
    await refused.waitFor({ state: 'detached' })
  })

  it('who has signed out leaves movements as a number, and nothing else', async () => {
    await world.database.query(`update inventory_lots set quantity = 50 where sku = 'AMOX'`)
    const first = await world.addPerson('pharmacist')
    const second = await world.addPerson('patient')
    await using opened = await world.openAs(first)
    const { page } = opened
    await untilKept(page)
    await page.context().setOffline(true)
    await consume(page, 5)
    await page.locator('[data-notice=pending]').waitFor()
    // Two taps.
    await page.getByRole('button', { name: first.username }).click()
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.locator('#login-form').waitFor()
    await page.context().setOffline(false)

    await signIn(page, second.username, second.password)
    await expect
      .poll(() => page.locator('[data-notice=plain]').innerText())
      .toContain('1 movement of another person waits')
    const shown = await page.evaluate(() =>
      [document.documentElement.outerHTML, sessionStorage, localStorage]
        .map((each) => JSON.stringify(each))
        .join(),
    )
    const left = shown + (await page.evaluate(readKept))
    expect(left).not.toContain(first.username)
    for (const seen of ['Amoxicillin', 'Zinc']) expect(left).not.toContain(seen)
    expect(await quantity()).toBe(50)

    await page.getByRole('button', { name: second.username }).click()
    await page.getByRole('button', { name: 'Sign out' }).click()
    await signIn(page, first.username, first.password)
    await expect.poll(quantity).toBe(45)
  })
})

describe('over HTTPS with a certificate of its own', () => {
  it('a device is told how to trust it, then opens the page by itself, which works without a network', async () => {
    const server = await world.addServer({ HTTPS_PORT: '0' })
    // It comes after the line that ends a start.
    const [, port = ''] = await server.says(/HTTPS is on port (\d+)/)
    const secureUrl = `https://127.0.0.1:${port}`
    const authority = new X509Certificate(
      await readFile(join(server.dataDir, 'tls', 'authority.crt'), 'utf8'),
    )
    const { certificate } = JSON.parse(
      await readFile(join(server.dataDir, 'tls', 'server.json'), 'utf8'),
    ) as { certificate: string }
    // What the server says to other machines; this one is served over plain HTTP, too.
    const plain = createServer(
      createTrustAnswer({ authority: () => authority, securePort: () => Number(port) }),
    ).listen(0, '127.0.0.1')
    await once(plain, 'listening')
    const plainUrl = `http://127.0.0.1:${(plain.address() as AddressInfo).port.toString()}`

    try {
      const viewport = { width: 390, height: 800 }
      for (const url of [plainUrl, `${plainUrl}/?lang=sw`]) {
        await using stranger = await world.open({ viewport }, { ...server, url })
        const { page } = stranger
        await page.getByRole('heading', { level: 1 }).waitFor()
        for (const summary of await page.locator('summary').all()) await summary.click()
        expect(await objections(page)).toEqual([])
        const width = await page.evaluate(() => document.documentElement.scrollWidth)
        expect(width).toBeLessThanOrEqual(viewport.width)
        const shown = await page.locator('code').first().innerText()
        expect(shown).toBe(`SHA-256 ${authority.fingerprint256}`)
        expect(stranger.complaints.join()).not.toMatch(/Content Security Policy/)
      }

      const key = new X509Certificate(certificate).publicKey.export({ type: 'spki', format: 'der' })
      const hash = createHash('sha256').update(key).digest('base64')
      const browser = await launchBrowser([`--ignore-certificate-errors-spki-list=${hash}`])
      try {
        const page = await (await browser.newContext()).newPage()
        await page.goto(`${plainUrl}/#/stock/AMOX`)
        await page.waitForURL(`${secureUrl}/#/stock/AMOX`)
        const person = await world.addPerson('pharmacist')
        await signIn(page, person.username, person.password)
        await untilKept(page)
        await page.context().setOffline(true)
        await page.reload()
        await page.locator('[data-connection=stale]', { hasText: 'Stock as of' }).waitFor()
      } finally {
        await browser.close()
      }

      const doctor = await world.addPerson('doctor')
      const answer = await fetch(`${server.url}/api/auth/login`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ username: doctor.username, password: doctor.password }),
      })
      const { accessToken } = (await answer.json()) as { accessToken: string }
      const socket = io(secureUrl, {
        ca: authority.toString(),
        transports: ['websocket'],
        auth: { token: accessToken },
      })
      try {
        await new Promise((resolve, reject) => {
          socket.once('connected', resolve).once('connect_error', reject)
        })
        const ended = new Promise((resolve) => socket.once('session:closing', resolve))
        await world.api('POST', `/api/users/${doctor.id}/revoke`)
        expect(await ended).toMatchObject({ code: 'AUTH_SESSION_REVOKED' })
      } finally {
        socket.disconnect()
      }
    } finally {
      plain.closeAllConnections()
      plain.close()
    }
  })
})
