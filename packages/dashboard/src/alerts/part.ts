import type { Part } from '../shell/part.js'
import { AlertWatch } from './alert-watch.js'
import { alertsWords } from './alerts-words.js'
import { SoundSwitch } from './sound-switch.js'
import { useOpenCount } from './use-open-count.js'

export const alertsPart: Part = {
  views: [
    {
      id: 'alerts',
      paths: ['/alerts'],
      allows: 'stock:read',
      name: (speech) => speech.words(alertsWords).title,
      place: 'bar',
      icon: 'M6 17V11a6 6 0 0 1 12 0v6l2 2H4zM10 21h4',
      useCount: useOpenCount,
      load: () => import('./alerts-view.js').then(({ AlertsView }) => AlertsView),
    },
  ],
  companions: [AlertWatch],
  menu: [SoundSwitch],
  useTitleCount: useOpenCount,
}
