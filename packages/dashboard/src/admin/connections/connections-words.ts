import { catalogue } from '../../i18n/language.js'

export const connectionsWords = catalogue(
  (f) => ({
    summary: (connections: number, people: number) =>
      `${f.plural(connections, { one: '# connection', other: '# connections' })}, ${f.plural(people, { one: '# person', other: '# people' })}`,
    search: 'Search by user, address or server',
    none: 'Nobody is connected',
    noneFound: 'No connection fits',
    device: 'Device',
    address: 'Address',
    server: 'Server',
    since: 'Since',
    transport: 'Way',
    transports: { websocket: 'WebSocket', polling: 'Requests' },
    unknownDevice: 'Unknown device',
    on: (browser: string, system: string) => `${browser} on ${system}`,
    missing: (names: string, n: number) =>
      f.plural(n, {
        one: `The server ${names} did not answer: its connections are not shown.`,
        other: `The servers ${names} did not answer: their connections are not shown.`,
      }),
    close: 'Close',
    action: 'Action',
    closeOf: (user: string) => `Close the connection of ${user}`,
    closeTitle: (user: string) => `Close this connection of ${user}?`,
    closeDetail:
      'The page on that device signs out. The person may sign in again; to keep somebody out, deactivate the account.',
    closed: (user: string) => `The connection of ${user} is closed.`,
    closeGone: 'It has ended already.',
    stale: (time: string) => `As of ${time}; newer could not be read.`,
    notRead: 'The connections could not be read',
  }),
  {
    sw: (f) => ({
      summary: (connections, people) =>
        `${f.plural(connections, { one: 'Muunganisho #', other: 'Miunganisho #' })}, ${f.plural(people, { one: 'mtu #', other: 'watu #' })}`,
      search: 'Tafuta kwa mtumiaji, anwani au seva',
      none: 'Hakuna aliyeunganishwa',
      noneFound: 'Hakuna muunganisho unaolingana',
      device: 'Kifaa',
      address: 'Anwani',
      server: 'Seva',
      since: 'Tangu',
      transport: 'Njia',
      transports: { websocket: 'WebSocket', polling: 'Maombi' },
      unknownDevice: 'Kifaa kisichojulikana',
      on: (browser, system) => `${browser} kwenye ${system}`,
      missing: (names, n) =>
        f.plural(n, {
          one: `Seva ${names} haikujibu: miunganisho yake haionyeshwi.`,
          other: `Seva ${names} hazikujibu: miunganisho yake haionyeshwi.`,
        }),
      close: 'Funga',
      action: 'Kitendo',
      closeOf: (user) => `Funga muunganisho wa ${user}`,
      closeTitle: (user) => `Funga muunganisho huu wa ${user}?`,
      closeDetail:
        'Ukurasa kwenye kifaa hicho unatoka. Mtu huyo anaweza kuingia tena; ili asiingie, zima akaunti yake.',
      closed: (user) => `Muunganisho wa ${user} umefungwa.`,
      closeGone: 'Umeisha tayari.',
      stale: (time) => `Hadi ${time}; mpya zaidi haikusomeka.`,
      notRead: 'Miunganisho haikusomeka',
    }),
    fr: (f) => ({
      summary: (connections, people) =>
        `${f.plural(connections, { one: '# connexion', other: '# connexions' })}, ${f.plural(people, { one: '# personne', other: '# personnes' })}`,
      search: 'Rechercher par utilisateur, adresse ou serveur',
      none: 'Personne n’est connecté',
      noneFound: 'Aucune connexion ne correspond',
      device: 'Appareil',
      address: 'Adresse',
      server: 'Serveur',
      since: 'Depuis',
      transport: 'Voie',
      transports: { websocket: 'WebSocket', polling: 'Requêtes' },
      unknownDevice: 'Appareil inconnu',
      on: (browser, system) => `${browser} sur ${system}`,
      missing: (names, n) =>
        f.plural(n, {
          one: `Le serveur ${names} n’a pas répondu : ses connexions ne sont pas affichées.`,
          other: `Les serveurs ${names} n’ont pas répondu : leurs connexions ne sont pas affichées.`,
        }),
      close: 'Fermer',
      action: 'Action',
      closeOf: (user) => `Fermer la connexion de ${user}`,
      closeTitle: (user) => `Fermer cette connexion de ${user} ?`,
      closeDetail:
        'La page sur cet appareil se déconnecte. La personne peut se reconnecter ; pour l’en empêcher, désactivez le compte.',
      closed: (user) => `La connexion de ${user} est fermée.`,
      closeGone: 'Elle est déjà terminée.',
      stale: (time) => `État de ${time} ; rien de plus récent n’a pu être lu.`,
      notRead: 'Les connexions n’ont pas pu être lues',
    }),
  },
)
