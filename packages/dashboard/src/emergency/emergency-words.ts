import { catalogue } from '../i18n/language.js'

/** What the first load says of emergencies; the rest stands with the dialog and the list. */
export const emergencyWords = catalogue(
  (f) => ({
    take: 'Take a role in an emergency',
    active: (role: string, left: string) =>
      `Emergency: you act as ${role}, ${left} left. All that you do is marked.`,
    waiting: (count: number) =>
      f.plural(count, {
        one: '# role taken in an emergency waits for a review.',
        other: '# roles taken in an emergency wait for a review.',
      }),
    taken: (name: string, role: string) => `Emergency: ${name} has taken the role ${role}.`,
    look: 'Look',
  }),
  {
    sw: (f) => ({
      take: 'Chukua jukumu kwa dharura',
      active: (role, left) =>
        `Dharura: unatenda kama ${role}, umebakiwa na ${left}. Yote unayofanya yanawekewa alama.`,
      waiting: (count) =>
        f.plural(count, {
          one: 'Jukumu # lililochukuliwa kwa dharura linasubiri ukaguzi.',
          other: 'Majukumu # yaliyochukuliwa kwa dharura yanasubiri ukaguzi.',
        }),
      taken: (name, role) => `Dharura: ${name} amechukua jukumu la ${role}.`,
      look: 'Tazama',
    }),
    fr: (f) => ({
      take: 'Prendre un rôle en urgence',
      active: (role, left) =>
        `Urgence : vous agissez comme ${role}, encore ${left}. Tout ce que vous faites est marqué.`,
      waiting: (count) =>
        f.plural(count, {
          one: '# rôle pris en urgence attend un examen.',
          other: '# rôles pris en urgence attendent un examen.',
        }),
      taken: (name, role) => `Urgence : ${name} a pris le rôle ${role}.`,
      look: 'Voir',
    }),
  },
)
