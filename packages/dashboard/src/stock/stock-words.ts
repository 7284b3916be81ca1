import { catalogue } from '../i18n/language.js'

export const stockWords = catalogue(
  (f) => ({
    title: 'Stock',
    items: (n: number) => f.plural(n, { one: '# item', other: '# items' }),
    low: 'Low',
    out: 'Out of stock',
    expired: 'Expired',
    expiring: 'Expiring soon',
    lowBelow: (threshold: number) => `Low (threshold ${f.number(threshold)})`,
    expiredUnits: (n: number) => f.plural(n, { one: '# expired', other: '# expired' }),
  }),
  {
    sw: (f) => ({
      title: 'Bohari',
      items: (n) => f.plural(n, { one: 'Bidhaa #', other: 'Bidhaa #' }),
      low: 'Pungufu',
      out: 'Imeisha',
      expired: 'Imeisha muda',
      expiring: 'Inakaribia kuisha muda',
      lowBelow: (threshold) => `Pungufu (kiwango cha chini ${f.number(threshold)})`,
      expiredUnits: (n) => f.plural(n, { one: '# imeisha muda', other: '# zimeisha muda' }),
    }),
    fr: (f) => ({
      title: 'Stock',
      items: (n) => f.plural(n, { one: '# article', other: '# articles' }),
      low: 'Stock bas',
      out: 'Rupture',
      expired: 'Périmé',
      expiring: 'Bientôt périmé',
      lowBelow: (threshold) => `Stock bas (seuil ${f.number(threshold)})`,
      expiredUnits: (n) => f.plural(n, { one: '# périmé', other: '# périmés' }),
    }),
  },
)
