import { catalogue } from '../i18n/language.js'

/** The words of the form that stands in `index.html` before any script has run. */
export const loginWords = catalogue(
  () => ({
    title: 'Sign in',
    lead: 'The clinic’s stock, live.',
    userName: 'User name',
    password: 'Password',
    showPassword: 'Show the password',
    submit: 'Sign in',
    submitting: 'Signing in…',
    restoring: 'Looking for your session…',
    retrying: 'The server cannot be reached. Trying again…',
    language: 'Language',
    pageTitle: 'Uzima stock',
  }),
  {
    sw: () => ({
      title: 'Ingia',
      lead: 'Bohari ya kliniki, moja kwa moja.',
      userName: 'Jina la mtumiaji',
      password: 'Nywila',
      showPassword: 'Onyesha nywila',
      submit: 'Ingia',
      submitting: 'Unaingia…',
      restoring: 'Inatafuta kipindi chako…',
      retrying: 'Seva haifikiki. Inajaribu tena…',
      language: 'Lugha',
      pageTitle: 'Bohari ya Uzima',
    }),
    fr: () => ({
      title: 'Se connecter',
      lead: 'Le stock de la clinique, en direct.',
      userName: 'Nom d’utilisateur',
      password: 'Mot de passe',
      showPassword: 'Afficher le mot de passe',
      submit: 'Se connecter',
      submitting: 'Connexion…',
      restoring: 'Recherche de votre session…',
      retrying: 'Le serveur est injoignable. Nouvel essai…',
      language: 'Langue',
      pageTitle: 'Stock Uzima',
    }),
  },
)
