import type { Part } from '../shell/part.js'
import { stockWords } from './stock-words.js'

export const stockPart: Part = {
  views: [
    {
      id: 'stock',
      paths: ['/stock', '/stock/:sku'],
      allows: 'stock:read',
      name: (speech) => speech.words(stockWords).title,
      place: 'bar',
      icon: 'M4 7l8-4 8 4v10l-8 4-8-4zM4 7l8 4 8-4M12 11v10',
      frame: 'full',
      samples: {
        stock: '/stock',
        'stock-low': '/stock?show=low',
        'stock-search': '/stock?q=amoxicilin',
        item: '/stock/AMOX-CAP-500',
      },
      load: () => import('./stock-view.js').then(({ StockView }) => StockView),
      loadInside: () => import('../item/item-view.js'),
    },
    {
      id: 'wall',
      paths: ['/wall'],
      allows: 'stock:read',
      name: (speech) => speech.words(stockWords).wall,
      place: 'menu',
      frame: 'bare',
      load: () => import('./wall-view.js').then(({ WallView }) => WallView),
    },
  ],
}
