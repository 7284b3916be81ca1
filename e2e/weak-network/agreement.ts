import { createRestClient, digestOf, type Item, type RestClient } from '@uzima/client'
import { setTimeout as delay } from 'node:timers/promises'
import { goTo, untilLive } from '../page.js'
import type { ClientMover, Mover, PageMover } from './people.js'

export interface Verdict {
  readonly faults: readonly string[]
  readonly figures: Readonly<Record<string, number>>
}

const SETTLES_WITHIN_MS = 120_000

/** Holds what page and client show and have done against the service itself, which is asked past the network. */
export const compare = async (
  url: string,
  token: string,
  client: ClientMover,
  person: PageMover,
): Promise<Verdict> => {
  const faults: string[] = []
  const rest = createRestClient({ baseUrl: url, getToken: () => token })
  await settle(client)
  await untilLive(person.page)
  await until('no movement of the page waits', faults, () => nothingWaits(person))

  const truth = await rest.inventory.snapshot()
  const shown = client.client.inventory.list()
  if (digestOf(shown) !== digestOf(truth.items)) faults.push('The client shows another stock.')
  faults.push(...(await differencesOnPage(person, truth.items)))
  faults.push(...beyondTheNetwork(person.complaints).map((text) => `The browser says: ${text}`))

  const booked = await bookedBy([client.username, person.username], truth.items, rest)
  const refused = client.client.writes.list().filter(({ state }) => state === 'refused').length
  for (const { username, made } of [client, person] satisfies Mover[]) {
    const wanted = made() - (username === client.username ? refused : 0)
    const found = booked.get(username) ?? 0
    if (found !== wanted) {
      faults.push(
        `${username} made ${String(wanted)} movements, the database has ${String(found)}.`,
      )
    }
  }
  return {
    faults,
    figures: {
      items: truth.items.length,
      byClient: client.made(),
      byPage: person.made(),
      refused,
      refreshesLost: person.refreshesLost(),
      divergences: client.client.connection.get().divergences,
    },
  }
}

const settle = async ({ client }: ClientMover): Promise<void> => {
  const endsAt = Date.now() + SETTLES_WITHIN_MS
  const isOnItsWay = (): boolean =>
    !client.connection.get().synced ||
    client.writes.list().some(({ state }) => ['queued', 'sending', 'unsure'].includes(state))
  while (isOnItsWay() && Date.now() < endsAt) await delay(200)
}

const until = async (
  what: string,
  faults: string[],
  isSo: () => Promise<boolean>,
): Promise<void> => {
  const endsAt = Date.now() + SETTLES_WITHIN_MS
  while (!(await isSo())) {
    if (Date.now() > endsAt) {
      faults.push(`Not within two minutes: ${what}.`)
      return
    }
    await delay(500)
  }
}

const nothingWaits = async ({ page }: PageMover): Promise<boolean> => {
  await goTo(page, '/movements')
  await page.locator('.shell main h1').waitFor()
  return !/Pending|Sending|Waiting|Unsure/i.test(await page.getByRole('main').innerText())
}

/** Each item is looked for by its code, since the list is a window on the stock. */
const differencesOnPage = async (
  { page }: PageMover,
  items: readonly Item[],
): Promise<string[]> => {
  const faults: string[] = []
  for (const { sku, usableQuantity } of items) {
    await goTo(page, `/stock?q=${encodeURIComponent(sku)}`)
    const row = page.locator(`[data-sku="${sku}"]`)
    const text = (await row.innerText()).replaceAll(',', '')
    if (!new RegExp(`(?<!\\d)${String(usableQuantity)}(?!\\d)`).test(text)) {
      faults.push(`The page shows of ${sku}: ${text}; usable is ${String(usableQuantity)}.`)
    }
  }
  return faults
}

/** What the browser complained of that no network can cause. */
const beyondTheNetwork = (complaints: readonly string[]): readonly string[] => [
  ...new Set(complaints.filter((text) => !/net::ERR_|WebSocket connection to/.test(text))),
]

/** Movements by who made them. */
const bookedBy = async (
  usernames: readonly string[],
  items: readonly Item[],
  rest: RestClient,
): Promise<ReadonlyMap<string, number>> => {
  const booked = new Map<string, number>()
  for (const { sku } of items) {
    let cursor: string | undefined
    do {
      const page = await rest.inventory.movements(sku, { limit: 500, ...(cursor && { cursor }) })
      for (const { actor } of page.movements) {
        if (usernames.includes(actor)) booked.set(actor, (booked.get(actor) ?? 0) + 1)
      }
      cursor = page.nextCursor ?? undefined
    } while (cursor !== undefined)
  }
  return booked
}
