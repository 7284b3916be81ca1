import { catalogue } from '../i18n/language.js'

export const tabletWords = catalogue(
  (f) => ({
    locked: 'Locked',
    lockedFor: (name: string) => `${name} is signed in. The password opens the page where it was.`,
    unlock: 'Unlock',
    unlocking: 'Unlocking…',
    other: 'Somebody else',
    otherHint: 'Signs out. Movements that were not sent are kept and wait.',
    needsNetwork:
      'There is no connection, and this page was opened anew since the last sign-in: the password cannot be checked here. Try again with a connection.',
    wrong: 'This is not the password.',
    openAlerts: (n: number) => f.plural(n, { one: '# open alert', other: '# open alerts' }),
    lockNow: 'Lock',
    lockAfter: 'Lock by itself',
    after: (minutes: number) =>
      minutes === 0
        ? 'Never'
        : f.plural(minutes, { one: 'After # minute', other: 'After # minutes' }),
    endsIn: (time: string) =>
      `Your session ends in ${time}. Sign in again to go on: nothing typed is lost.`,
    stay: 'Stay signed in',
    staying: 'Signing in…',
    stayTitle: 'Stay signed in',
    stayDetail: 'What you typed stays where it is.',
  }),
  {
    sw: (f) => ({
      locked: 'Imefungwa',
      lockedFor: (name) => `${name} ameingia. Nywila inafungua ukurasa pale ulipoishia.`,
      unlock: 'Fungua',
      unlocking: 'Inafungua…',
      other: 'Mtu mwingine',
      otherHint: 'Inakutoa. Rekodi ambazo hazijatumwa zinahifadhiwa na kusubiri.',
      needsNetwork:
        'Hakuna muunganisho, na ukurasa huu ulifunguliwa upya tangu uingie: nywila haiwezi kukaguliwa hapa. Jaribu tena ukiwa na muunganisho.',
      wrong: 'Hii siyo nywila yenyewe.',
      openAlerts: (n) =>
        f.plural(n, { one: 'Tahadhari # iko wazi', other: 'Tahadhari # ziko wazi' }),
      lockNow: 'Funga skrini',
      lockAfter: 'Jifunge yenyewe',
      after: (minutes) =>
        minutes === 0 ? 'Kamwe' : f.plural(minutes, { other: 'Baada ya dakika #' }),
      endsIn: (time) =>
        `Kipindi chako kinaisha baada ya ${time}. Ingia tena ili kuendelea: ulichoandika hakipotei.`,
      stay: 'Endelea kuwa ndani',
      staying: 'Inaingia…',
      stayTitle: 'Endelea kuwa ndani',
      stayDetail: 'Ulichoandika kinabaki pale kilipo.',
    }),
    fr: (f) => ({
      locked: 'Verrouillé',
      lockedFor: (name) =>
        `${name} est connecté. Le mot de passe rouvre la page là où elle en était.`,
      unlock: 'Déverrouiller',
      unlocking: 'Déverrouillage…',
      other: 'Quelqu’un d’autre',
      otherHint: 'Déconnecte. Les mouvements non envoyés sont gardés et attendent.',
      needsNetwork:
        'Il n’y a pas de connexion, et cette page a été rouverte depuis la dernière connexion : le mot de passe ne peut pas être vérifié ici. Réessayez avec une connexion.',
      wrong: 'Ce n’est pas le mot de passe.',
      openAlerts: (n) => f.plural(n, { one: '# alerte ouverte', other: '# alertes ouvertes' }),
      lockNow: 'Verrouiller',
      lockAfter: 'Verrouillage automatique',
      after: (minutes) =>
        minutes === 0
          ? 'Jamais'
          : f.plural(minutes, { one: 'Après # minute', other: 'Après # minutes' }),
      endsIn: (time) =>
        `Votre session se termine dans ${time}. Reconnectez-vous pour continuer : rien de ce qui est saisi n’est perdu.`,
      stay: 'Rester connecté',
      staying: 'Connexion…',
      stayTitle: 'Rester connecté',
      stayDetail: 'Ce que vous avez saisi reste en place.',
    }),
  },
)
