import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readCsv } from '../packages/dashboard/src/admin/csv/read-csv.js'
import { times } from '../test/support/long.js'
import type { RunningServer } from '../test/support/server.js'
import { createPageWorld, type PageWorld, type Person } from './page-world.js'
import { addItems, goTo, signIn, untilLive, type OpenPage } from './page.js'

let world: PageWorld
/** Another server of the same service; each acts on the end of a right by itself. */
let other: RunningServer
let admin: Person

beforeAll(async () => {
  world = await createPageWorld({
    env: { NODE_NAME: 'one', BREAK_GLASS_ROLES: 'doctor' },
    withWorker: false,
  })
  other = await world.addServer({ NODE_NAME: 'two' })
  admin = await world.addPerson('admin')
})
afterAll(() => world[Symbol.asyncDispose]())

/** An administrator's page at an address. */
const openAdmin = async (address: string): Promise<OpenPage> => {
  const opened = await world.openAs(admin)
  await goTo(opened.page, address)
  return opened
}

const textOf = (page: Page): Promise<string> => page.locator('main.view').innerText()
const press = (page: Page, name: string): Promise<void> =>
  page.locator('main.view').getByRole('button', { name, exact: true }).click()
const confirm = (page: Page, name: string): Promise<void> =>
  page.locator('dialog form').getByRole('button', { name, exact: true }).click()
const save = async (page: Page, button: string): Promise<string> => {
  const download = page.waitForEvent('download')
  await press(page, button)
  return readFile(await (await download).path(), 'utf8')
}
/** An item of a test's own, at a threshold of 20. */
const addItem = async (): Promise<string> => {
  const sku = `SKU-${randomBytes(4).toString('hex')}`
  await world.database.query(
    `insert into inventory_items (sku, name, unit, threshold) values ($1, 'Medicine ' || $1, 'tablet', 20)`,
    [sku],
  )
  return sku
}
const threshold = async (sku: string): Promise<number | undefined> => {
  const [item] = await world.database.query<{ threshold: number }>(
    'select threshold from inventory_items where sku = $1',
    [sku],
  )
  return item?.threshold
}

describe('users', () => {
  it('are added, change their role while they look, and have one for a time', async () => {
    await using opened = await openAdmin('/admin/users')
    const { page } = opened
    const name = `new-${randomBytes(4).toString('hex')}`
    await press(page, 'Add a user')
    const dialog = page.locator('dialog')
    await dialog.getByLabel('User name').fill(name)
    await dialog.getByLabel('E-mail').fill(`${name}@clinic.example`)
    await dialog.getByLabel('Role').selectOption('Doctor')
    await dialog.getByRole('button', { name: 'Suggest one' }).click()
    const password = await dialog.getByLabel('Password').inputValue()
    await confirm(page, 'Add a user')
    await page.getByRole('heading', { name, level: 1 }).waitFor()

    await using theirs = await world.openAs({ username: name, password }, {}, other)
    await untilLive(theirs.page)
    await press(page, 'Change the role')
    await page.locator('dialog').getByLabel('New role').selectOption('Patient')
    await confirm(page, 'Change the role')
    await expect.poll(() => textOf(theirs.page)).toContain('Signed in')
    await expect.poll(() => textOf(page)).toMatch(/Role changed[^]*1 goes on with the new rights/)

    // The same person takes a shift.
    await press(page, 'Give a role for a time')
    await page.locator('dialog').getByLabel('Role').selectOption('Pharmacist')
    await page.locator('dialog').getByLabel('Reason').fill('night shift')
    await confirm(page, 'Give a role for a time')
    await untilLive(theirs.page)
    const shift = page.locator('[data-grant]')
    await expect.poll(() => shift.innerText()).toMatch(/Pharmacist[^]*Now[^]*night shift · by/)
    await press(page, 'End now')
    await confirm(page, 'End now')
    await expect.poll(() => textOf(theirs.page)).toContain('Signed in')
    await expect.poll(() => shift.innerText()).toMatch(/Pharmacist[^]*Ended early/)
    await expect
      .poll(() => textOf(page))
      .toMatch(/A role for a time ended[^]*1 goes on with the new rights/)

    // Of a change that comes then, the page says what became of it on that device.
    await addItem()
    const [last] = await world.database.query<{ seq: string }>(
      `select max(seq)::text as seq from event_log where name like 'inventory:%'`,
    )
    await goTo(page, '/admin/explain')
    await page.locator('.admin-filters select').selectOption(name)
    await page.getByLabel('Number of the change').fill(last?.seq ?? '')
    await expect
      .poll(async () => {
        await press(page, 'Show')
        await page.locator('.view details').waitFor()
        return textOf(page)
      })
      .toMatch(new RegExp(`${name} received it: the device says|It was sent to ${name};`))
    expect(opened.complaints).toEqual([])
  })

  it('take a role in an emergency before the eyes of the administrators, who review it', async () => {
    const doctor = await world.addPerson('doctor')
    await using theirs = await world.openAs(
      doctor,
      { viewport: { width: 390, height: 844 } },
      other,
    )
    await untilLive(theirs.page)
    await using opened = await openAdmin('/admin/reviews')
    const { page } = opened
    await page.getByText('Nobody has taken a role in an emergency.').waitFor()
    const menu = theirs.page.locator('dialog')
    await theirs.page.getByRole('button', { name: doctor.username }).click()
    await menu.getByRole('button', { name: 'Take a role in an emergency' }).click()
    const form = theirs.page.locator('dialog form')
    await form.getByLabel('For how long').selectOption('30')
    await form.getByLabel('Reason').fill('nobody else is here')
    await form.getByRole('button', { name: 'Take a role in an emergency' }).click()
    const notices = (of: Page): Promise<string> => of.locator('.notices').innerText()
    await expect
      .poll(() => notices(theirs.page))
      .toMatch(/you act as Pharmacist, (30|29) mins? left/)
    await expect
      .poll(() => notices(page))
      .toContain(`${doctor.username} has taken the role Pharmacist`)
    const review = page.locator('[data-review]')
    await expect.poll(() => review.innerText()).toMatch(/Now[^]*nobody else is here/)
    await review.getByRole('button', { name: 'End now' }).click()
    await expect.poll(() => notices(theirs.page)).not.toContain('Emergency')
    await review.getByRole('button', { name: 'What was done' }).click()
    await expect.poll(() => review.innerText()).toContain('Nothing was done meanwhile.')
    await review.getByRole('button', { name: 'Close the review' }).click()
    await page.locator('dialog').getByLabel('What you found').fill('all in order')
    await confirm(page, 'Close the review')
    await expect.poll(() => review.innerText()).toMatch(/Reviewed[^]*all in order/)
    expect([...opened.complaints, ...theirs.complaints]).toEqual([])
  })

  it('lose their sessions, and the proof of it comes in server by server', async () => {
    const user = await world.addPerson('pharmacist')
    await using theirs = await world.openAs(user)
    await untilLive(theirs.page)
    await using opened = await openAdmin(`/admin/users/${user.id}`)
    const { page } = opened
    await page.getByText('No right of this user has ended yet.').waitFor()
    // The other server stands still, so it cannot have acted on it.
    other.signal('SIGSTOP')
    await press(page, 'End all sessions')
    await confirm(page, 'End all sessions')
    const proof = page.locator('[data-proof]').first()
    const nodes = proof.locator('li')
    await expect
      .poll(() => nodes.allInnerTexts())
      .toMatchObject([
        expect.stringMatching(/Done[^]*one[^]*1 connection closed/),
        expect.stringMatching(/(Waiting|No answer)[^]*two/),
      ])
    await expect.poll(() => proof.innerText()).not.toContain('Done on every server')
    await theirs.page.locator('#login-form').waitFor()

    other.signal('SIGCONT')
    await expect.poll(() => proof.innerText()).toContain('Done on every server within')
    expect(await nodes.allInnerTexts()).toMatchObject([
      expect.stringContaining('Done'),
      expect.stringContaining('Done'),
    ])
  })

  it('are deactivated while they look, and can be let in again', async () => {
    const user = await world.addPerson('pharmacist')
    await using theirs = await world.openAs(user)
    await untilLive(theirs.page)
    await using opened = await openAdmin(`/admin/users/${user.id}`)
    const { page } = opened
    await press(page, 'Deactivate')
    await confirm(page, 'Deactivate')
    await expect
      .poll(() => theirs.page.locator('#login-message').innerText())
      .toContain('deactivated')
    await expect.poll(() => textOf(page)).toContain('Account deactivated')
    // Who only listens is where the proof is.
    await expect
      .poll(() => page.evaluate(() => document.activeElement?.textContent))
      .toBe('Proof of ended access')
    await press(page, 'Activate again')
    await page.getByRole('button', { name: 'Deactivate', exact: true }).waitFor()
    await signIn(theirs.page, user.username, user.password)
  })

  it('are refused in words', async () => {
    const user = await world.addPerson('doctor')
    await using opened = await openAdmin('/admin/users')
    const { page } = opened
    await press(page, 'Add a user')
    await page.locator('dialog').getByLabel('User name').fill(user.username)
    await page.locator('dialog').getByLabel('E-mail').fill('somebody@clinic.example')
    await confirm(page, 'Add a user')
    await expect
      .poll(() => page.locator('dialog [role=alert]').innerText())
      .toContain('There is a user with this name or e-mail already.')
  })
})

describe('settings in bulk', () => {
  it('show what a file changes and which rows it refuses, before anything is saved', async () => {
    const [one, two, three] = [await addItem(), await addItem(), await addItem()]
    await using opened = await openAdmin('/admin/settings')
    const { page } = opened
    await untilLive(page)
    const file = `sku;threshold\r\n${one};25\r\nNOPE;3\r\n${two};many\r\n${three};20\r\n`
    await page.locator('input[type=file]').setInputFiles({
      name: 'settings.csv',
      mimeType: 'text/csv',
      buffer: Buffer.from(file),
    })
    await page.getByRole('heading', { name: '1 item will change' }).waitFor()
    const refused = await page.locator('.rows-refused tbody tr').allInnerTexts()
    expect(refused).toMatchObject([
      expect.stringMatching(/3[^]*NOPE[^]*no item with this code/),
      expect.stringMatching(/4[^]*many[^]*not a whole number/),
    ])
    expect(await textOf(page)).toContain('1 row stays as it is')
    expect(await threshold(one)).toBe(20)

    await press(page, 'Save 1 change')
    await page.getByRole('heading', { name: '1 item is saved' }).waitFor()
    expect(await threshold(one)).toBe(25)
    expect(opened.complaints).toEqual([])
  })

  it('are typed, and never overwrite what somebody else has set meanwhile', async () => {
    const [one, two] = [await addItem(), await addItem()]
    await using opened = await openAdmin('/admin/settings')
    const { page } = opened
    for (const [sku, typed] of [
      [one, '31'],
      [two, '32'],
    ] as const) {
      await page.getByLabel('Search the stock').fill(sku)
      await page.getByLabel(`Threshold of Medicine ${sku}`).fill(typed)
    }
    await press(page, 'Look over the changes')
    await page.getByRole('heading', { name: '2 items will change' }).waitFor()
    await world.database.query('update inventory_items set threshold = 90 where sku = $1', [one])
    await press(page, 'Save 2 changes')
    await page.getByRole('heading', { name: '1 item is saved' }).waitFor()
    expect(await textOf(page)).toContain('Somebody has set 90 meanwhile.')
    expect([await threshold(one), await threshold(two)]).toEqual([90, 32])

    await press(page, 'Look at them again')
    await page.getByRole('heading', { name: '1 item will change' }).waitFor()
    expect(await textOf(page)).toMatch(/90[^]*31/)
    await press(page, 'Save 1 change')
    await page.getByRole('heading', { name: '1 item is saved' }).waitFor()
    expect(await threshold(one)).toBe(31)
  })

  it('go out as a file and come back changed, thousands of lines of it', async () => {
    await addItems(world.database, times(150, 5_000))
    const [{ count } = { count: 0 }] = await world.database.query<{ count: number }>(
      'select count(*)::int from inventory_items',
    )
    await using opened = await openAdmin('/admin/settings')
    const { page } = opened
    const inWords = count.toLocaleString('en')
    await expect.poll(() => textOf(page)).toContain(`${inWords} items`)
    const [header = '', ...rows] = (await save(page, 'Save as a file')).split('\r\n')
    expect(header).toBe('\ufeffsku,name,category,unit,threshold,usable')
    expect(rows.pop()).toBe('')
    expect(rows).toHaveLength(count)
    const changed = rows.map((row) => row.replace(/,(\d+),(\d+)$/, ',77,$2'))
    await page.locator('input[type=file]').setInputFiles({
      name: 'settings.csv',
      mimeType: 'text/csv',
      buffer: Buffer.from([header, ...changed].join('\r\n')),
    })
    await press(page, `Save ${inWords} changes`)
    await page
      .getByRole('heading', { name: `${inWords} items are saved` })
      .waitFor({ timeout: 300_000 })
    expect(await world.database.query('select from inventory_items where threshold <> 77')).toEqual(
      [],
    )
  }, 600_000)
})

describe('connections', () => {
  it('are shown as they are, and one is closed', async () => {
    const user = await world.addPerson('pharmacist')
    await using theirs = await world.openAs(user)
    await untilLive(theirs.page)
    await using opened = await openAdmin(`/admin/connections?q=${user.username}`)
    const { page } = opened
    await expect.poll(() => textOf(page)).toContain('1 connection, 1 person')
    await press(page, `Close the connection of ${user.username}`)
    await confirm(page, 'Close')
    await theirs.page.locator('#login-form').waitFor()
    await expect.poll(() => textOf(page)).toContain('No connection fits')
  })

  it('stand in the log, found by links and saved as a file', async () => {
    const user = await world.addPerson('pharmacist')
    await using theirs = await world.openAs(user)
    await untilLive(theirs.page)
    const today = new Date()
    const day = [today.getFullYear(), today.getMonth() + 1, today.getDate()]
      .map((part) => part.toString().padStart(2, '0'))
      .join('-')
    await using opened = await openAdmin('/admin/log')
    const { page } = opened
    const filters = page.locator('.admin-filters')
    await filters.getByLabel('User').selectOption(user.username)
    await filters.getByLabel('Outcome').selectOption('Connected')
    await filters.getByLabel('From').fill(day)
    const link = new URL(page.url()).hash
    expect(link).toBe(`#/admin/log?user=${user.id}&outcome=accepted&from=${day}`)
    await expect.poll(() => textOf(page)).toContain('1 entry shown')

    await page.goto('about:blank')
    await page.goto(`${world.server.url}/${link}`)
    await expect.poll(() => textOf(page)).toContain('1 entry shown')
    const [header, ...rows] = readCsv(await save(page, 'Save as a file'))
    expect(header?.cells.slice(0, 3)).toEqual(['at', 'outcome', 'code'])
    expect(rows).toMatchObject([
      { cells: expect.arrayContaining(['accepted', user.id, user.username]) },
    ])
  })
})

describe('the system’s health', () => {
  it('is drawn, and told in sentences', async () => {
    await using opened = await openAdmin('/admin/health')
    const { page } = opened
    await page.getByText('Everything is working').waitFor()
    const picture = page.getByRole('img', { name: /^Connections over the last minutes: now [1-9]/ })
    await picture.waitFor()
    expect(await picture.locator('.chart-line').getAttribute('d')).toMatch(/^M/)
    await expect.poll(() => page.locator('.chart').count()).toBe(4)
  })
})
