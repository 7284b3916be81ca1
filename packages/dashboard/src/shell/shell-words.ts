import { catalogue } from '../i18n/language.js'

export const shellWords = catalogue(
  (f) => ({
    skip: 'To the content',
    navigation: 'Views',
    menu: 'Menu',
    signOut: 'Sign out',
    language: 'Language',
    scheme: 'Appearance',
    schemes: { auto: 'As the device', light: 'Light', dark: 'Dark' },
    waiting: (n: number) => f.plural(n, { one: '# waits', other: '# wait' }),
    notHere: 'Nothing here',
    leadsNowhere: 'This address leads nowhere',
    notHereDetail: 'It is mistyped, or what was there is not for your role.',
    home: 'To the first view',
    signedIn: 'Signed in',
    signedInDetail: (role: string) =>
      `You are signed in as “${role}”. This role has no stock to look after. If it should, ask your administrator: this page follows by itself.`,
    brokenTitle: 'This view stopped working',
    brokenDetail: 'What you had sent is safe. Try again, or reload the page.',
  }),
  {
    sw: (f) => ({
      skip: 'Nenda kwenye maudhui',
      navigation: 'Kurasa',
      menu: 'Menyu',
      signOut: 'Toka',
      language: 'Lugha',
      scheme: 'Mwonekano',
      schemes: { auto: 'Kama kifaa', light: 'Mwangaza', dark: 'Giza' },
      waiting: (n) => f.plural(n, { one: '# inasubiri', other: '# zinasubiri' }),
      notHere: 'Hakuna kitu hapa',
      leadsNowhere: 'Anwani hii haielekei popote',
      notHereDetail: 'Imeandikwa vibaya, au kilichokuwa hapo si cha jukumu lako.',
      home: 'Nenda kwenye ukurasa wa kwanza',
      signedIn: 'Umeingia',
      signedInDetail: (role) =>
        `Umeingia kama “${role}”. Jukumu hili halina bohari ya kusimamia. Kama inafaa, muulize msimamizi wako: ukurasa huu utabadilika wenyewe.`,
      brokenTitle: 'Ukurasa huu umeacha kufanya kazi',
      brokenDetail: 'Ulichotuma kiko salama. Jaribu tena, au pakia ukurasa upya.',
    }),
    fr: (f) => ({
      skip: 'Aller au contenu',
      navigation: 'Vues',
      menu: 'Menu',
      signOut: 'Se déconnecter',
      language: 'Langue',
      scheme: 'Apparence',
      schemes: { auto: 'Comme l’appareil', light: 'Clair', dark: 'Sombre' },
      waiting: (n) => f.plural(n, { one: '# en attente', other: '# en attente' }),
      notHere: 'Rien ici',
      leadsNowhere: 'Cette adresse ne mène nulle part',
      notHereDetail: 'Elle est mal écrite, ou ce qui s’y trouve n’est pas pour votre rôle.',
      home: 'À la première vue',
      signedIn: 'Connecté',
      signedInDetail: (role) =>
        `Vous êtes connecté comme « ${role} ». Ce rôle n’a pas de stock à suivre. S’il le devrait, demandez à votre administrateur : cette page suit d’elle-même.`,
      brokenTitle: 'Cette vue s’est arrêtée',
      brokenDetail: 'Ce que vous aviez envoyé est en sûreté. Réessayez, ou rechargez la page.',
    }),
  },
)

/** Each language in its own words: who looks for it does not read the others. */
export const LANGUAGE_NAMES = { en: 'English', sw: 'Kiswahili', fr: 'Français' } as const
