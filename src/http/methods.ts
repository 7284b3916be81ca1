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
  const urls = new Set<string>()

  app.addHook('onRoute', ({ url }) => {
    // A pattern with a wildcard is a net for addresses that do not exist.
    if (!url.includes('*')) urls.add(url)
  })

  // Before CORS, which answers OPTIONS and ends the request.
  app.addHook('onRequest', (request, reply, done) => {
    const { allow } = request.routeOptions.config
    if (allow !== undefined) void reply.header('allow', allow)
    done()
  })

  return {
    refuseOthers() {
      for (const url of [...urls]) {
        // Typed as text by Fastify; they are the names of methods that it routes.
        const methods = app.supportedMethods as HTTPMethods[]
        const known = methods.filter((method) => app.hasRoute({ url, method }))
        const others = methods.filter((method) => !known.includes(method))
        const allow = [...known, 'OPTIONS'].toSorted().join(', ')
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
