import { catalogue } from '../i18n/language.js'

/** The names of the views: all of the administration that the first load has in it. */
export const adminWords = catalogue(
  () => ({
    administration: 'Administration',
    users: 'Users',
    reviews: 'Reviews',
    connections: 'Connections',
    log: 'Connection log',
    explain: 'Who saw what',
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
      explain: 'Nani aliona nini',
      settings: 'Mipangilio ya bohari',
      health: 'Hali ya mfumo',
    }),
    fr: () => ({
      administration: 'Administration',
      users: 'Utilisateurs',
      reviews: 'Examens',
      connections: 'Connexions',
      log: 'Journal des connexions',
      explain: 'Qui a vu quoi',
      settings: 'Paramètres du stock',
      health: 'État du système',
    }),
  },
)
