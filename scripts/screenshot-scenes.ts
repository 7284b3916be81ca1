import type { Page } from 'playwright-core'

/** Something to look at that no address alone shows: a form, a dialog, a state of the page. */
export interface Scene {
  /** Name of its pictures. */
  readonly id: string
  /** Brings the page of an administrator, whatever it shows, there; whatever its language and size. */
  readonly show: (page: Page) => Promise<void>
  /** Leaves it again. */
  readonly leave?: (page: Page) => Promise<void>
}

/** Goes to an address of the page, without loading it anew. */
export const goTo = async (page: Page, address: string): Promise<void> => {
  await page.evaluate((hash) => {
    location.hash = hash
  }, address)
}

const closeDialog = async (page: Page): Promise<void> => {
  await page.keyboard.press('Escape')
  await page.locator('dialog').waitFor({ state: 'detached' })
}

const form = (sku: string, kind: string, fill: Readonly<Record<string, string>>) => ({
  show: async (page: Page) => {
    await goTo(page, `/stock/${sku}?do=${kind}`)
    for (const [field, text] of Object.entries(fill)) {
      await page.locator(`dialog [data-field=${field}]`).fill(text)
    }
  },
  leave: closeDialog,
})

const goOnline = async (page: Page): Promise<void> => {
  await page.context().setOffline(false)
  await page.locator('[data-connection=live]').waitFor()
  await page.locator('[data-notice=pending]').waitFor({ state: 'detached' })
}

/** Takes one out, and asks who was sent that. */
const explained = async (page: Page, username: string): Promise<void> => {
  await form('AMOX-CAP-500', 'consume', { quantity: '1' }).show(page)
  await page.keyboard.press('Control+Enter')
  await page.locator('dialog').waitFor({ state: 'detached' })
  await page.locator('.history-row a[href*="explain"]').first().click()
  await page.locator('.admin-filters select').selectOption({ label: username })
  await page.locator('.admin-filters button').click()
  await page.locator('.view details').waitFor()
}

/** In this order; the lock is the last, as it ends what one sees. */
export const SCENES: readonly Scene[] = [
  {
    id: 'menu',
    show: (page) => page.locator('.menu-button').click(),
    leave: closeDialog,
  },
  {
    id: 'receive',
    ...form('AMOX-CAP-500', 'receive', { lotNumber: 'D27-1180', quantity: '500' }),
  },
  { id: 'take-out-too-much', ...form('AMOX-CAP-500', 'consume', { quantity: '999999' }) },
  {
    id: 'write-off-unfilled',
    show: async (page) => {
      await form('ACIC-EYO-3', 'dispose', {}).show(page)
      await page.locator('dialog [data-field=quantity]').focus()
      await page.keyboard.press('Control+Enter')
      await page.locator('.field-error').first().waitFor()
    },
    leave: closeDialog,
  },
  {
    id: 'count-differences',
    show: async (page) => {
      await goTo(page, '/count/lots?shelf=antivirals')
      for (const counted of ['12', '40']) {
        await page.locator('[data-field=counted]').fill(counted)
        await page.keyboard.press('Enter')
      }
      await page.keyboard.press('Control+Enter')
      await page.locator('[data-field=counted]').waitFor({ state: 'detached' })
    },
  },
  {
    id: 'stock-nothing-found',
    show: async (page) => {
      await goTo(page, '/stock?q=zzzzzz')
      await page.locator('.empty').first().waitFor()
    },
  },
  {
    id: 'nothing-here',
    show: (page) => goTo(page, '/nowhere'),
  },
  {
    id: 'admin-user',
    show: async (page) => {
      await goTo(page, '/admin/users')
      await page.locator('main.view tbody a').nth(1).click()
      await page.locator('.facts').first().waitFor()
    },
  },
  {
    id: 'admin-add-user',
    show: async (page) => {
      await goTo(page, '/admin/users')
      await page.locator('main.view .button-primary').click()
    },
    leave: closeDialog,
  },
  { id: 'explain-received', show: (page) => explained(page, 'admin') },
  { id: 'explain-not-connected', show: (page) => explained(page, 'the.doctor') },
  {
    id: 'admin-user-erase',
    show: async (page) => {
      await goTo(page, '/admin/users')
      await page.getByRole('link', { name: 'the.educator' }).click()
      const acts = page.locator('.facts + .row .button')
      await acts.nth(3).waitFor()
      const confirm = page.locator('dialog form .button-danger')
      // The first of them deactivates the account.
      if ((await acts.count()) === 4) {
        await acts.nth(3).click()
        await confirm.click()
      }
      await acts.nth(4).click()
      await confirm.waitFor()
    },
    leave: closeDialog,
  },
  {
    id: 'admin-give-role',
    show: async (page) => {
      await goTo(page, '/admin/users')
      await page.getByRole('link', { name: 'the.doctor' }).click()
      await page.locator('.card:has(.grants) > .row .button').click()
      await page.locator('dialog').waitFor()
    },
    leave: closeDialog,
  },
  {
    id: 'offline',
    show: async (page) => {
      await page.context().setOffline(true)
      await form('AMOX-CAP-500', 'consume', { quantity: '1' }).show(page)
      await page.keyboard.press('Control+Enter')
      await page.locator('dialog').waitFor({ state: 'detached' })
      await page.locator('[data-notice=pending]').waitFor()
      await goTo(page, '/stock')
    },
    leave: goOnline,
  },
  {
    id: 'movements-waiting',
    show: async (page) => {
      await page.context().setOffline(true)
      await form('AMOX-CAP-500', 'consume', { quantity: '1' }).show(page)
      await page.keyboard.press('Control+Enter')
      await page.locator('dialog').waitFor({ state: 'detached' })
      await goTo(page, '/movements')
      await page.locator('[data-write]').first().waitFor()
    },
    leave: goOnline,
  },
  {
    id: 'locked',
    show: async (page) => {
      await page.evaluate(() => {
        localStorage.setItem('uzima.lockAfterMinutes', '0.001')
      })
      await page.locator('.lock').waitFor()
    },
  },
]
