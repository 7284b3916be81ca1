import { catalogue } from '../i18n/language.js'

export const takeRoleWords = catalogue(
  () => ({
    warning:
      'For an emergency only. The administrators hear of it at once, all that you do is marked, and somebody else reviews it. It ends by itself.',
    role: 'Role',
    minutes: 'For how long',
    reason: 'Reason',
    reasonHint: 'The administrators read it, and it stays in the history.',
    taken: (role: string) => `You act as ${role} now.`,
  }),
  {
    sw: () => ({
      warning:
        'Kwa dharura tu. Wasimamizi wanaarifiwa mara moja, yote unayofanya yanawekewa alama, na mtu mwingine anayakagua. Linaisha lenyewe.',
      role: 'Jukumu',
      minutes: 'Kwa muda gani',
      reason: 'Sababu',
      reasonHint: 'Wasimamizi wanaisoma, na inabaki kwenye historia.',
      taken: (role) => `Sasa unatenda kama ${role}.`,
    }),
    fr: () => ({
      warning:
        'Pour une urgence seulement. Les administrateurs en sont avertis aussitôt, tout ce que vous faites est marqué, et quelqu’un d’autre l’examine. Le rôle prend fin de lui-même.',
      role: 'Rôle',
      minutes: 'Pour combien de temps',
      reason: 'Raison',
      reasonHint: 'Les administrateurs la lisent, et elle reste dans l’historique.',
      taken: (role) => `Vous agissez maintenant comme ${role}.`,
    }),
  },
)
