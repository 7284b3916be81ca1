import type { Part } from '../shell/part.js'
import { runsOutWords } from './runs-out-words.js'

/** An item stands in the stock's view; its own view tells which items run out next. */
export const itemPart: Part = {
  views: [
    {
      id: 'runs-out',
      paths: ['/runs-out'],
      allows: 'stock:read',
      name: (speech) => speech.words(runsOutWords).title,
      place: 'bar',
      samples: { 'runs-out': '/runs-out?days=30' },
      icon: 'M6 3h12M6 21h12M7 3c0 5 10 7 10 13v5M17 3c0 5-10 7-10 13v5',
      load: () => import('./runs-out-view.js').then(({ RunsOutView }) => RunsOutView),
    },
  ],
}
