/** What runs in the browser of `browser.pg.test.ts`: the client by name, and a page drawn with its hooks. */
import { createUzimaClient, indexedDbStore, type UzimaClient } from '@uzima/client'
import {
  UzimaProvider,
  useAlerts,
  useConnection,
  useItem,
  useStock,
  useUzima,
  useWrites,
} from '@uzima/client/react'
import { createElement, StrictMode, type ReactElement } from 'react'
import { createRoot } from 'react-dom/client'

export interface PageWindow {
  client: UzimaClient
  readonly errors: string[]
  /** How often each part was drawn. */
  readonly drawn: Record<string, number>
  readonly open: (token: string, userId?: string) => Promise<void>
  /** Up to where the stock of this person is kept in the browser. */
  readonly keptSeq: (userId: string) => Promise<number | undefined>
  readonly draw: () => void
  readonly undraw: () => void
}

const drawn: Record<string, number> = {}
const note = (part: string, text: string): ReactElement => {
  drawn[part] = (drawn[part] ?? 0) + 1
  return createElement('p', { id: part }, text)
}

const ItemLine = ({ sku }: { readonly sku: string }): ReactElement =>
  note(sku, useItem(sku)?.totalQuantity.toString() ?? 'none')
const LowList = (): ReactElement =>
  note(
    'low',
    useStock({ low: true, sort: 'sku' })
      .map(({ sku }) => sku)
      .join(' '),
  )
const Bar = (): ReactElement => {
  const { phase, user } = useConnection()
  return note('bar', `${phase} ${user?.username ?? ''}`)
}
const Rest = (): ReactElement =>
  note('rest', [useAlerts().length, useWrites().length, typeof useUzima().now()].join(' '))

let root: ReturnType<typeof createRoot> | undefined
const errors: string[] = []

const page: Omit<PageWindow, 'client'> = {
  errors,
  drawn,
  open: async (token, userId) => {
    const client = createUzimaClient({
      url: location.origin,
      getToken: () => token,
      store: indexedDbStore(),
      onError: ({ code }) => errors.push(code),
      ...(userId === undefined ? {} : { userId }),
    })
    Object.assign(window, { client })
    await client.start()
  },
  keptSeq: (userId) =>
    new Promise((resolve, reject) => {
      const opening = indexedDB.open('uzima')
      opening.onerror = () => reject(opening.error ?? new Error('no database'))
      opening.onsuccess = () => {
        const database = opening.result
        const reading = database.transaction('meta').objectStore('meta').get(['stock', userId])
        reading.onsuccess = () => {
          database.close()
          resolve((reading.result as { position: { seq: number } } | undefined)?.position.seq)
        }
      }
    }),
  draw: () => {
    // `open` has put it there.
    const { client } = window as unknown as PageWindow
    root = createRoot(document.body)
    root.render(
      createElement(
        StrictMode,
        null,
        createElement(
          UzimaProvider,
          { client },
          ...['S1', 'S2', 'NONE'].map((sku) => createElement(ItemLine, { key: sku, sku })),
          createElement(LowList, { key: 'low' }),
          createElement(Bar, { key: 'bar' }),
          createElement(Rest, { key: 'rest' }),
        ),
      ),
    )
  },
  undraw: () => root?.unmount(),
}
Object.assign(window, page)
