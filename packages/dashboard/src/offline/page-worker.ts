import type { Observable } from '@uzima/client'
import { createListeners } from '../listeners.js'

/**
 * Whether this page opens without a network.
 *
 * - `insecure`: the browser does not allow it at this address: http, and not the device itself.
 * - `unsupported`: this browser cannot.
 * - `preparing`: its files are being kept.
 * - `ready`: it does, and every view of the page in use is kept.
 * - `failed`: its files could not be kept; the next opening tries again.
 */
export type Readiness = 'insecure' | 'unsupported' | 'preparing' | 'ready' | 'failed'

export interface PageWorkerState {
  readonly readiness: Readiness
  /** A newer build of the page waits for its turn. */
  readonly newer: boolean
}

export interface PageWorker extends Observable<PageWorkerState> {
  /** Keeps the page's files; once, the second call does nothing. */
  readonly register: () => void
  /** Lets the newer build take over, and loads the page anew with it. */
  readonly takeOver: () => void
}

const LOOK_EVERY_MS = 3_600_000

/** Makes the page's side of its service worker. */
export const createPageWorker = (
  container: ServiceWorkerContainer | undefined,
  isSecure: boolean,
  reload: () => void,
): PageWorker => {
  const listeners = createListeners()
  let state: PageWorkerState = {
    readiness: container !== undefined ? 'preparing' : isSecure ? 'unsupported' : 'insecure',
    newer: false,
  }
  let registered = false
  let waiting: ServiceWorker | undefined

  const set = (change: Partial<PageWorkerState>): void => {
    state = { ...state, ...change }
    listeners.call()
  }

  const follow = (registration: ServiceWorkerRegistration): void => {
    const look = (): void => {
      waiting = registration.waiting ?? undefined
      // Before, it does not answer for this page yet.
      if (registration.active?.state === 'activated') {
        set({ readiness: 'ready', newer: waiting !== undefined })
      }
    }
    const watch = (worker: ServiceWorker | null): void => {
      worker?.addEventListener('statechange', () => {
        if (worker.state === 'redundant' && registration.active === null) {
          set({ readiness: 'failed' })
        }
        look()
      })
    }
    registration.addEventListener('updatefound', () => {
      watch(registration.installing)
    })
    watch(registration.installing)
    watch(registration.active)
    look()
    // The browser looks by itself when a page is opened; this one stays open all day.
    setInterval(() => {
      registration.update().catch(() => undefined)
    }, LOOK_EVERY_MS)
  }

  return {
    get: () => state,
    subscribe: listeners.subscribe,
    register: () => {
      if (container === undefined || registered) return
      registered = true
      container.register('./service-worker.js').then(follow, () => {
        registered = false
        set({ readiness: 'failed' })
      })
    },
    takeOver: () => {
      container?.addEventListener('controllerchange', reload, { once: true })
      waiting?.postMessage('take-over')
    },
  }
}

/** The worker of this window's page. */
export const pageWorker = createPageWorker(
  // Absent where the address is not secure, and where the list of views is read without a window.
  (globalThis as { readonly navigator?: { readonly serviceWorker?: ServiceWorkerContainer } })
    .navigator?.serviceWorker,
  globalThis.isSecureContext,
  () => {
    location.reload()
  },
)
