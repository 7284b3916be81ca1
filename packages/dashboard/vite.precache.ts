import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Plugin } from 'vite'
import type { PageFile } from './src/offline/worker-plan.js'

const WORKER = 'service-worker.js'
/** Stands in the worker's source for the list. */
const PLACE = '__PAGE_FILES__'

/** Tells the service worker which files the built page is made of, each with the hash of what is in it. */
export const precache = (): Plugin => {
  let publicDir = ''
  return {
    name: 'precache',
    apply: 'build',
    // After the page itself has been written into the bundle.
    enforce: 'post',
    configResolved: (config) => {
      publicDir = config.publicDir
    },
    generateBundle: {
      order: 'post',
      handler: (_options, bundle) => {
        const worker = bundle[WORKER]
        if (worker?.type !== 'chunk') throw new Error(`The build has no ${WORKER}`)
        const built = Object.values(bundle)
          .filter(({ fileName }) => fileName !== WORKER && !fileName.endsWith('.map'))
          .map((file) => pageFile(file.fileName, file.type === 'chunk' ? file.code : file.source))
        const asTheyAre = readdirSync(publicDir).map((name) =>
          pageFile(name, readFileSync(join(publicDir, name))),
        )
        const files = [...built, ...asTheyAre].sort((a, b) => (a.path < b.path ? -1 : 1))
        worker.code = worker.code.replace(PLACE, JSON.stringify(files))
      },
    },
  }
}

const pageFile = (fileName: string, content: string | Uint8Array): PageFile => ({
  // The page is asked for by its folder.
  path: fileName === 'index.html' ? './' : `./${fileName}`,
  integrity: `sha256-${createHash('sha256').update(content).digest('base64')}`,
})
