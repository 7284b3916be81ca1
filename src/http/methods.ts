import type { FastifyInstance, HTTPMethods } from 'fastify'
import { AppError } from '../errors/app-error.js'
import { sendProblem } from './problem.js'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Value of `Allow` at this address; set on the routes that answer other methods and OPTIONS. */
    allow?: string
  }
}

/**
 * Watches the routes that are added to `app` from now on; `refuseOthers` then answers every other method at their
 * addresses with 405, and OPTIONS with what there is, both with `Allow`.
 */
export const watchMethods = (app: FastifyInstance): { readonly refuseOthers: () => void } => {
  const methodsByUrl = new Map<string, Set<string>>()

  app.addHook('onRoute', ({ url, method }) => {
    const methods = methodsByUrl.get(url) ?? new Set()
    for (const name of [method].flat()) methods.add(name.toUpperCase())
    methodsByUrl.set(url, methods)
  })

  // Before CORS, which answers OPTIONS and ends the request.
  app.addHook('onRequest', (request, reply, done) => {
    const { allow } = request.routeOptions.config
    if (allow !== undefined) void reply.header('allow', allow)
    done()
  })

  return {
    refuseOthers() {
      for (const [url, methods] of [...methodsByUrl]) {
        if (url.includes('*')) continue
        // Typed as text by Fastify; they are the names of methods that it routes.
        const others = app.supportedMethods.filter((name) => !methods.has(name)) as HTTPMethods[]
        const allow = [...methods, 'OPTIONS'].toSorted().join(', ')
        app.route({
          url,
          method: others,
          schema: { hide: true },
          config: { access: 'public', allow },
          handler: (request, reply) =>
            request.method === 'OPTIONS'
              ? reply.code(204).send()
              : sendProblem(
                  reply,
                  new AppError('METHOD_NOT_ALLOWED', { detail: `This address takes ${allow}.` }),
                ),
        })
      }
    },
  }
}
