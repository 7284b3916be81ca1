import { catalogue } from '../i18n/language.js'

export const runsOutWords = catalogue(
  (f) => ({
    title: 'Runs out',
    lead: 'By what was given out over the last 30 days.',
    within: 'Within',
    nothing: (days: number) => `Nothing runs out within ${f.number(days)} days`,
    nothingDetail: (n: number) =>
      f.plural(n, {
        one: 'The rate of # item is known.',
        other: 'The rates of # items are known.',
      }),
    noRate: 'No rate is known yet',
    noRateDetail: 'An item has one once it was given out 3 times within 30 days.',
    outNow: 'out now',
    usesUnknown: (n: number) =>
      f.plural(n, {
        one: '# item has too few uses to say.',
        other: '# items have too few uses to say.',
      }),
  }),
  {
    sw: (f) => ({
      title: 'Zinazoisha',
      lead: 'Kwa kilichotolewa katika siku 30 zilizopita.',
      within: 'Ndani ya',
      nothing: (days) => `Hakuna kitakachoisha ndani ya siku ${f.number(days)}`,
      nothingDetail: (n) =>
        f.plural(n, {
          one: 'Kiwango cha matumizi kinajulikana kwa bidhaa #.',
          other: 'Kiwango cha matumizi kinajulikana kwa bidhaa #.',
        }),
      noRate: 'Hakuna kiwango kinachojulikana bado',
      noRateDetail: 'Bidhaa huwa nacho ikitolewa mara 3 ndani ya siku 30.',
      outNow: 'imeisha sasa',
      usesUnknown: (n) =>
        f.plural(n, {
          one: 'Bidhaa # ina matumizi machache mno kukadiria.',
          other: 'Bidhaa # zina matumizi machache mno kukadiria.',
        }),
    }),
    fr: (f) => ({
      title: 'Bientôt épuisé',
      lead: 'D’après les sorties des 30 derniers jours.',
      within: 'Sous',
      nothing: (days) => `Rien ne s’épuise sous ${f.number(days)} jours`,
      nothingDetail: (n) =>
        f.plural(n, {
          one: 'Le rythme est connu pour # article.',
          many: 'Le rythme est connu pour # d’articles.',
          other: 'Le rythme est connu pour # articles.',
        }),
      noRate: 'Aucun rythme n’est encore connu',
      noRateDetail: 'Un article en a un après 3 sorties en 30 jours.',
      outNow: 'épuisé',
      usesUnknown: (n) =>
        f.plural(n, {
          one: '# article a trop peu de sorties pour le dire.',
          many: '# d’articles ont trop peu de sorties pour le dire.',
          other: '# articles ont trop peu de sorties pour le dire.',
        }),
    }),
  },
)
