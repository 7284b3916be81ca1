import { catalogue } from '../i18n/language.js'

/** The names of the views: all of the administration that the first load has in it. */
export const adminWords = catalogue(
  () => ({
    administration: 'Administration',
    users: 'Users',
    reviews: 'Reviews',
    connections: 'Connections',
    log: 'Connection log',
    settings: 'Stock settings',
    health: 'System health',
  }),
  {
    sw: () => ({
      administration: 'Usimamizi',
      users: 'Watumiaji',
      reviews: 'Ukaguzi',
      connections: 'Miunganisho',
      log: 'Kumbukumbu ya miunganisho',
      settings: 'Mipangilio ya bohari',
      health: 'Hali ya mfumo',
    }),
    fr: () => ({
      administration: 'Administration',
      users: 'Utilisateurs',
      reviews: 'Examens',
      connections: 'Connexions',
      log: 'Journal des connexions',
      settings: 'Paramètres du stock',
      health: 'État du système',
    }),
  },
)
