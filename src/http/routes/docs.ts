import swaggerUi from '@fastify/swagger-ui'
import { asyncApiDocument } from '../asyncapi.js'
import type { Routes } from '../app.js'
import { eventsPage } from '../events-page.js'

/** `/docs`: a page to try the API, one that tells the events, and the two documents that describe both, for machines. */
export const docsRoutes: Routes = async (app) => {
  const schema = { hide: true }

  await app.register(swaggerUi, {
    routePrefix: '/docs',
    // Else the page asks for its parts at the root, where a proxy may serve something else.
    indexPrefix: '.',
    // Our own policy suits it; the assets are files of the package, nothing comes from elsewhere.
    staticCSP: false,
    uiConfig: { deepLinking: true, persistAuthorization: false, tryItOutEnabled: true },
  })
  app.get('/docs/events', { schema }, (_request, reply) =>
    reply.type('text/html; charset=utf-8').send(eventsPage()),
  )
  app.get('/docs/openapi.json', { schema }, () => app.swagger())
  app.get('/docs/asyncapi.json', { schema }, (request) => asyncApiDocument(request.host))
}
