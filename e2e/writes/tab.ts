import {
  createSendWrite,
  createWriteQueue,
  type GetToken,
  type SendWrite,
  type WriteQueueControl,
  type WriteStore,
} from '@uzima/client'
import type { Random } from '../rig/random.js'
import { createProxy, type Proxy } from '../rig/proxy.js'
import type { Person, World } from './world.js'

/** Where a tab dies: right after a commit to the store (before the request), or with the answer on its way in. */
export type Death = 'after-commit' | 'before-answer' | 'after-answer'

/** One tab of the device's browser, with a network of its own that can be broken. */
export interface Tab {
  readonly queue: WriteQueueControl
  readonly network: Proxy
  /** Ends at the next such moment. */
  readonly dieAt: (death: Death) => void
  /** Ends now: nothing that it waits for ever comes. */
  readonly kill: () => void
  readonly isDead: () => boolean
  readonly close: () => Promise<void>
}

export interface TabOptions {
  readonly world: World
  readonly store: WriteStore
  readonly user: {
    readonly get: () => Person | null
    readonly subscribe: (listener: () => void) => () => void
  }
  readonly getToken: GetToken
  readonly now: () => number
  readonly random: Random
  /** Sees each request as it goes out. */
  readonly onSend: (request: Parameters<SendWrite>[0]) => void
}

/** Opens a tab and starts its queue. */
export const openTab = async (options: TabOptions): Promise<Tab> => {
  const { world, store, random } = options
  const network = await createProxy({ targetPort: world.port, random })
  const send = createSendWrite({ baseUrl: `http://127.0.0.1:${String(network.port)}` })
  let death: Death | undefined
  let isDead = false

  const never = new Promise<never>(() => {})
  /** What a tab that died waits for never comes. */
  const alive = async <T>(work: Promise<T>, moment: Death | undefined): Promise<T> => {
    const result = await work.catch((thrown: unknown) => {
      if (isDead) return never
      throw thrown
    })
    if (moment !== undefined && death === moment) kill()
    return isDead ? never : result
  }
  const kill = (): void => {
    isDead = true
    queue.stop()
    network.cut(1)
  }

  const queue = createWriteQueue({
    store: {
      read: () => alive(store.read(), undefined),
      transact: (change) => (isDead ? never : alive(store.transact(change), 'after-commit')),
      onChange: (listener) => store.onChange(listener),
    },
    send: (request) => {
      if (isDead) return never
      options.onSend(request)
      const sent = send(request)
      if (death === 'before-answer') setTimeout(kill, random.int(0, 6))
      return alive(sent, 'after-answer')
    },
    getToken: options.getToken,
    user: options.user,
    // Shows every item at once: what is accepted needs no echo here.
    stock: {
      get: () => undefined,
      position: () => ({ epoch: '00000000-0000-4000-8000-000000000000', seq: 0 }),
      subscribe: () => () => undefined,
    },
    now: options.now,
    locks: null,
    random: () => random.next(),
  })
  await queue.start().catch(() => undefined)
  return {
    queue,
    network,
    dieAt: (next) => {
      death = next
    },
    kill,
    isDead: () => isDead,
    close: async () => {
      kill()
      await network.close()
    },
  }
}
