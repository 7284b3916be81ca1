import type { Part } from '../shell/part.js'
import { DraftsGuard } from './drafts-guard.js'
import { writeWords } from './write-words.js'
import { useRefusedCount } from './use-refused-count.js'

export const movementsPart: Part = {
  guard: DraftsGuard,
  views: [
    {
      id: 'movements',
      paths: ['/movements'],
      allows: 'stock:move',
      name: (speech) => speech.words(writeWords).title,
      place: 'menu',
      useCount: useRefusedCount,
      load: () => import('./movements-view.js').then(({ MovementsView }) => MovementsView),
    },
  ],
}
