import fastifyStatic from '@fastify/static'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { BUILT_PAGE } from '../../config/built-page.js'
import type { Routes } from '../app.js'

/**
 * `/`: the dashboard's built files, or, where it is not built, 503 and a line that says how.
 *
 * @param folder where the files are; default `packages/dashboard/dist`
 */
export const dashboardRoutes =
  (folder = BUILT_PAGE): Routes =>
  async (app) => {
    if (!existsSync(join(folder, 'index.html'))) {
      app.get('/', { schema: { hide: true } }, (_request, reply) =>
        reply
          .code(503)
          .header('cache-control', 'no-store')
          .type('text/html; charset=utf-8')
          .send(NOT_BUILT),
      )
      return
    }
    await app.register(fastifyStatic, {
      root: folder,
      // One route for each file, so that an address without a file is an address that does not exist.
      wildcard: false,
      // The build puts a packed one beside each file; these have no address of their own.
      preCompressed: true,
      globIgnore: ['**/*.{br,gz}'],
      cacheControl: false,
      setHeaders: (reply, path) => {
        void reply.header('cache-control', isHashed(path) ? FOR_EVER : 'no-cache')
      },
    })
  }

const FOR_EVER = 'public, max-age=31536000, immutable'
const NOT_BUILT =
  '<!doctype html><title>Uzima Realtime</title><p>The dashboard is not built: run <code>npm run build</code>.'

/** The bundler names its assets by their content: `assets/index-B3x9fa2k.js`. */
const isHashed = (path: string): boolean =>
  /[/\\]assets[/\\][^/\\]+-[\w-]{8}\.\w+(?:\.(?:br|gz))?$/.test(path)
