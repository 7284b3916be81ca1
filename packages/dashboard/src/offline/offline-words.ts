import { catalogue } from '../i18n/language.js'

export const offlineWords = catalogue(
  (f) => ({
    pending: (n: number) =>
      f.plural(n, {
        one: '# movement waits to be sent.',
        other: '# movements wait to be sent.',
      }),
    waiting: (n: number) =>
      f.plural(n, {
        one: '# movement cannot be sent with your present rights.',
        other: '# movements cannot be sent with your present rights.',
      }),
    refused: (n: number) =>
      f.plural(n, {
        one: '# movement was refused and needs your decision.',
        other: '# movements were refused and need your decision.',
      }),
    others: (n: number) =>
      f.plural(n, {
        one: '# movement of another person waits on this device. It goes out when that person signs in here.',
        other:
          '# movements of other people wait on this device. They go out when those people sign in here.',
      }),
    show: 'Show',
    decide: 'Decide',
    newer: 'A new version of this page is here.',
    reload: 'Reload',
    notKept:
      'This device may throw away what waits when its memory is full. Send it soon: look for a connection.',
    offlineUse: 'Without a network',
    readiness: {
      insecure:
        'This page does not open without a network: its address begins with http, and browsers allow it for https only. While it is open it works on, and movements are kept. Ask your administrator for an https address.',
      unsupported: 'This browser cannot open the page without a network.',
      preparing: 'This device is getting ready to open the page without a network…',
      ready: 'This page opens without a network, with the last known stock.',
      failed:
        'This device could not keep the page. It is tried again when the page is opened the next time.',
    },
  }),
  {
    sw: (f) => ({
      pending: (n) =>
        f.plural(n, { one: 'Rekodi # inasubiri kutumwa.', other: 'Rekodi # zinasubiri kutumwa.' }),
      waiting: (n) =>
        f.plural(n, {
          one: 'Rekodi # haiwezi kutumwa kwa ruhusa ulizo nazo sasa.',
          other: 'Rekodi # haziwezi kutumwa kwa ruhusa ulizo nazo sasa.',
        }),
      refused: (n) =>
        f.plural(n, {
          one: 'Rekodi # imekataliwa na inahitaji uamuzi wako.',
          other: 'Rekodi # zimekataliwa na zinahitaji uamuzi wako.',
        }),
      others: (n) =>
        f.plural(n, {
          one: 'Rekodi # ya mtu mwingine inasubiri kwenye kifaa hiki. Itatumwa mtu huyo akiingia hapa.',
          other:
            'Rekodi # za watu wengine zinasubiri kwenye kifaa hiki. Zitatumwa watu hao wakiingia hapa.',
        }),
      show: 'Onyesha',
      decide: 'Amua',
      newer: 'Toleo jipya la ukurasa huu liko tayari.',
      reload: 'Pakia upya',
      notKept:
        'Kifaa hiki kinaweza kufuta kinachosubiri kumbukumbu ikijaa. Kitume mapema: tafuta muunganisho.',
      offlineUse: 'Bila mtandao',
      readiness: {
        insecure:
          'Ukurasa huu haufunguki bila mtandao: anwani yake inaanza na http, na vivinjari huruhusu hilo kwa https tu. Ukiwa wazi unaendelea kufanya kazi, na rekodi zinahifadhiwa. Muombe msimamizi wako anwani ya https.',
        unsupported: 'Kivinjari hiki hakiwezi kufungua ukurasa bila mtandao.',
        preparing: 'Kifaa hiki kinajiandaa kufungua ukurasa bila mtandao…',
        ready: 'Ukurasa huu unafunguka bila mtandao, ukiwa na bohari ya mwisho inayojulikana.',
        failed:
          'Kifaa hiki hakikuweza kuhifadhi ukurasa. Kitajaribu tena ukurasa utakapofunguliwa tena.',
      },
    }),
    fr: (f) => ({
      pending: (n) =>
        f.plural(n, {
          one: '# mouvement attend d’être envoyé.',
          other: '# mouvements attendent d’être envoyés.',
        }),
      waiting: (n) =>
        f.plural(n, {
          one: '# mouvement ne peut pas être envoyé avec vos droits actuels.',
          other: '# mouvements ne peuvent pas être envoyés avec vos droits actuels.',
        }),
      refused: (n) =>
        f.plural(n, {
          one: '# mouvement a été rejeté et attend votre décision.',
          other: '# mouvements ont été rejetés et attendent votre décision.',
        }),
      others: (n) =>
        f.plural(n, {
          one: '# mouvement d’une autre personne attend sur cet appareil. Il partira quand cette personne se connectera ici.',
          other:
            '# mouvements d’autres personnes attendent sur cet appareil. Ils partiront quand ces personnes se connecteront ici.',
        }),
      show: 'Afficher',
      decide: 'Décider',
      newer: 'Une nouvelle version de cette page est là.',
      reload: 'Recharger',
      notKept:
        'Cet appareil peut effacer ce qui attend quand sa mémoire est pleine. Envoyez-le bientôt : cherchez une connexion.',
      offlineUse: 'Sans réseau',
      readiness: {
        insecure:
          'Cette page ne s’ouvre pas sans réseau : son adresse commence par http, et les navigateurs ne le permettent qu’en https. Tant qu’elle est ouverte, elle continue de fonctionner et les mouvements sont gardés. Demandez une adresse https à votre administrateur.',
        unsupported: 'Ce navigateur ne peut pas ouvrir la page sans réseau.',
        preparing: 'Cet appareil se prépare à ouvrir la page sans réseau…',
        ready: 'Cette page s’ouvre sans réseau, avec le dernier stock connu.',
        failed:
          'Cet appareil n’a pas pu garder la page. Il réessaiera à la prochaine ouverture de la page.',
      },
    }),
  },
)
