import type { Part, View } from '../shell/part.js'
import { ADMIN_VIEWS, type AdminViewName } from './admin-views.js'
import { adminWords } from './admin-words.js'

const MORE_PATHS: Partial<Record<AdminViewName, string>> = { users: '/admin/users/:id' }

const LOAD: Readonly<Record<AdminViewName, View['load']>> = {
  users: () => import('./users/users-view.js').then(({ UsersView }) => UsersView),
  reviews: () => import('./reviews/reviews-view.js').then(({ ReviewsView }) => ReviewsView),
  connections: () =>
    import('./connections/connections-view.js').then(({ ConnectionsView }) => ConnectionsView),
  log: () => import('./log/log-view.js').then(({ LogView }) => LogView),
  explain: () => import('./explain/explain-view.js').then(({ ExplainView }) => ExplainView),
  settings: () => import('./settings/settings-view.js').then(({ SettingsView }) => SettingsView),
  health: () => import('./health/health-view.js').then(({ HealthView }) => HealthView),
}

/** Users, connections, their log, settings in bulk, the system's health; nothing of it is in the first load. */
export const adminPart: Part = {
  views: ADMIN_VIEWS.map(({ name, allows }): View => {
    const more = MORE_PATHS[name]
    return {
      id: `admin-${name}`,
      paths: more === undefined ? [`/admin/${name}`] : [`/admin/${name}`, more],
      allows,
      name: (speech) => speech.words(adminWords)[name],
      place: 'menu',
      load: LOAD[name],
    }
  }),
}
