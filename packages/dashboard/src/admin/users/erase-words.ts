import { catalogue } from '../../i18n/language.js'

/** Forgetting a person. */
export const eraseWords = catalogue(
  () => ({
    erase: 'Erase personal data',
    title: (name: string) => `Erase the personal data of ${name}?`,
    detail:
      'Name, e-mail, password, addresses and browsers go, and what the person wrote as a reason or a note. What was done, when, and how much stays, without the name. This cannot be undone: not by you, and by nobody else.',
    reason: 'Reason (may be left empty)',
    reasonHint: 'It is kept. Leave the name of the person out.',
    erased: 'The personal data is erased.',
  }),
  {
    sw: () => ({
      erase: 'Futa data binafsi',
      title: (name) => `Futa data binafsi za ${name}?`,
      detail:
        'Jina, barua pepe, nywila, anwani na vivinjari vinafutwa, pamoja na sababu na maelezo aliyoandika. Kilichofanywa, lini na kiasi gani kinabaki, bila jina. Hili haliwezi kutenduliwa, na mtu yeyote.',
      reason: 'Sababu (si lazima)',
      reasonHint: 'Inahifadhiwa. Usiandike jina la mtu huyo.',
      erased: 'Data binafsi zimefutwa.',
    }),
    fr: () => ({
      erase: 'Effacer les données personnelles',
      title: (name) => `Effacer les données personnelles de ${name} ?`,
      detail:
        'Le nom, l’e-mail, le mot de passe, les adresses et les navigateurs disparaissent, ainsi que les raisons et notes écrites par la personne. Ce qui a été fait, quand et combien reste, sans le nom. Cela ne peut pas être annulé, par personne.',
      reason: 'Raison (facultative)',
      reasonHint: 'Elle est conservée. N’y mettez pas le nom de la personne.',
      erased: 'Les données personnelles sont effacées.',
    }),
  },
)
