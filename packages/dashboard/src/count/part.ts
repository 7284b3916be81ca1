import type { Part } from '../shell/part.js'
import { countWords } from './count-words.js'

export const countPart: Part = {
  views: [
    {
      id: 'count',
      paths: ['/count', '/count/lots', '/count/summary'],
      allows: 'stock:move',
      name: (speech) => speech.words(countWords).title,
      place: 'bar',
      samples: { count: '/count', 'count-lots': '/count/lots?shelf=antibiotics' },
      icon: 'M9 4h6v3H9zM9 5H6v16h12V5h-3M8.5 13l2 2 5-5M8.5 18h7',
      load: () => import('./count-view.js').then(({ CountView }) => CountView),
    },
  ],
}
