/**
 * Opens the page without a network. It answers for the files of its own build and for nothing else: what is live (`/api`,
 * `/socket.io`) never passes through here.
 */
import { cacheName, fileFor, outdated, type PageFile } from './worker-plan.js'
import type { WorkerScope } from './worker-scope.js'

/** Put in by the build. */
declare const __PAGE_FILES__: readonly PageFile[]

const worker = self as unknown as WorkerScope
const files = __PAGE_FILES__
const { scope } = worker.registration
const name = cacheName(files, scope)

/** All of the build or nothing. The hash keeps out what a network's log-in page answers in a script's place. */
const install = async (): Promise<void> => {
  const cache = await caches.open(name)
  await Promise.all(
    files.map(async ({ path, integrity }) => {
      const url = new URL(path, scope).href
      const response = await fetch(url, { integrity, cache: 'no-cache' })
      if (!response.ok) throw new Error(`${path} answered ${response.status.toString()}`)
      await cache.put(url, response)
    }),
  )
}

const activate = async (): Promise<void> => {
  const gone = outdated(await caches.keys(), name, scope)
  await Promise.all(gone.map((each) => caches.delete(each)))
  await worker.clients.claim()
}

/** Of this build; else, for a page that was opened before this build came, of the one before. */
const answer = async (url: string, request: Request): Promise<Response> =>
  (await (await caches.open(name)).match(url)) ?? (await caches.match(url)) ?? fetch(request)

worker.addEventListener('install', (event) => {
  event.waitUntil(install())
})
worker.addEventListener('activate', (event) => {
  event.waitUntil(activate())
})
worker.addEventListener('message', ({ data }) => {
  // Only when a person has asked for it: a page in use keeps the scripts that it was opened with.
  if (data === 'take-over') void worker.skipWaiting()
})
worker.addEventListener('fetch', (event) => {
  const url = fileFor(event.request, files, scope)
  if (url !== null) event.respondWith(answer(url, event.request))
})
