import { catalogue } from '../i18n/language.js'
import type { DraftField, DraftProblem, MovementKind } from './draft.js'

type Sentences = Readonly<Record<MovementKind, string>>

export const movementWords = catalogue(
  (f) => ({
    kinds: {
      receive: 'Receive',
      consume: 'Take out',
      count: 'Count',
      dispose: 'Write off',
    } satisfies Sentences,
    book: {
      receive: 'Book receipt',
      consume: 'Book',
      count: 'Book count',
      dispose: 'Book write-off',
    } satisfies Sentences,
    fields: {
      lotNumber: 'Lot number',
      quantity: 'Quantity',
      expiryDate: 'Expiry date',
      reason: 'Reason',
    } satisfies Record<DraftField, string>,
    titleOf: (kind: string, item: string) => `${kind}: ${item}`,
    counted: 'Counted',
    quantityIn: (unit: string) => `Quantity (${unit})`,
    optional: (field: string) => `${field} (may stay empty)`,
    chooseLot: 'Choose a lot',
    lotOption: (lot: string, quantity: number, expiry: string) =>
      `${lot}: ${f.number(quantity)}, until ${f.day(expiry)}`,
    expiredLotOption: (lot: string, quantity: number, expiry: string) =>
      `${lot}: ${f.number(quantity)}, expired ${f.day(expiry)}`,
    left: (n: number) => f.plural(n, { one: '# is left.', other: '# are left.' }),
    short: (left: number, asked: number) =>
      f.plural(left, {
        one: `Only # is left; you ask for ${f.number(asked)}.`,
        other: `Only # are left; you ask for ${f.number(asked)}.`,
      }),
    inLot: (n: number) => `The lot holds ${f.number(n)}.`,
    knownLot: 'This lot is here already and will grow.',
    passedDate: 'This day has passed: what you book is not given out.',
    problems: {
      missing: 'Please fill this in.',
      'not a number': 'A whole number, in digits.',
      'too much': `At most ${f.number(2_147_483_647)}.`,
      zero: 'At least 1.',
      'no such lot': 'There is no such lot here.',
      'other expiry': 'This lot is here with another expiry date.',
    } satisfies Record<DraftProblem, string>,
    keys: 'Enter goes to the next field, Ctrl with Enter books.',
    reasons: ['Expired', 'Broken', 'Lost', 'Recalled'],
    countReason: 'Count',
    differs: 'The label says something else',
    differsLine: (field: string, typed: string, scanned: string) =>
      `${field}: here stands ${typed}, the label says ${scanned}.`,
    takeLabel: 'Take the label’s',
    keepMine: 'Keep what stands here',
    doubt: 'Compare lot and expiry date with the box: the scanner may have joined them.',
    readAs: (lot: string, expiry: string) => `Lot ${lot}, ${expiry}`,
    noExpiry: 'no date',
  }),
  {
    sw: (f) => ({
      kinds: { receive: 'Pokea', consume: 'Tumia', count: 'Hesabu', dispose: 'Ondoa' },
      book: {
        receive: 'Hifadhi mapokezi',
        consume: 'Hifadhi',
        count: 'Hifadhi hesabu',
        dispose: 'Hifadhi uondoaji',
      },
      fields: {
        lotNumber: 'Nambari ya toleo',
        quantity: 'Kiasi',
        expiryDate: 'Tarehe ya kuisha',
        reason: 'Sababu',
      },
      titleOf: (kind, item) => `${kind}: ${item}`,
      counted: 'Kilichohesabiwa',
      quantityIn: (unit) => `Kiasi (${unit})`,
      optional: (field) => `${field} (si lazima)`,
      chooseLot: 'Chagua toleo',
      lotOption: (lot, quantity, expiry) => `${lot}: ${f.number(quantity)}, hadi ${f.day(expiry)}`,
      expiredLotOption: (lot, quantity, expiry) =>
        `${lot}: ${f.number(quantity)}, muda uliisha ${f.day(expiry)}`,
      left: (n) => f.plural(n, { one: 'Imebaki #.', other: 'Zimebaki #.' }),
      short: (left, asked) =>
        f.plural(left, {
          one: `Imebaki # tu; unaomba ${f.number(asked)}.`,
          other: `Zimebaki # tu; unaomba ${f.number(asked)}.`,
        }),
      inLot: (n) => `Toleo hili lina ${f.number(n)}.`,
      knownLot: 'Toleo hili lipo tayari na litaongezeka.',
      passedDate: 'Siku hii imepita: unachopokea hakitatolewa kwa wagonjwa.',
      problems: {
        missing: 'Tafadhali jaza hapa.',
        'not a number': 'Nambari kamili, kwa tarakimu.',
        'too much': `Isizidi ${f.number(2_147_483_647)}.`,
        zero: 'Angalau 1.',
        'no such lot': 'Hakuna toleo kama hili hapa.',
        'other expiry': 'Toleo hili lipo na tarehe nyingine ya kuisha.',
      },
      keys: 'Enter huenda sehemu inayofuata, Ctrl na Enter huhifadhi.',
      reasons: ['Imeisha muda', 'Imevunjika', 'Imepotea', 'Imerudishwa kwa mtengenezaji'],
      countReason: 'Hesabu',
      differs: 'Lebo inasema tofauti',
      differsLine: (field, typed, scanned) =>
        `${field}: hapa pameandikwa ${typed}, lebo inasema ${scanned}.`,
      takeLabel: 'Tumia ya lebo',
      keepMine: 'Acha ilivyo',
      doubt:
        'Linganisha toleo na tarehe ya kuisha na kisanduku: huenda kichanganuzi kimeviunganisha.',
      readAs: (lot, expiry) => `Toleo ${lot}, ${expiry}`,
      noExpiry: 'bila tarehe',
    }),
    fr: (f) => ({
      kinds: {
        receive: 'Réception',
        consume: 'Sortie',
        count: 'Décompte',
        dispose: 'Mise au rebut',
      },
      book: {
        receive: 'Enregistrer la réception',
        consume: 'Enregistrer la sortie',
        count: 'Enregistrer le décompte',
        dispose: 'Enregistrer la mise au rebut',
      },
      fields: {
        lotNumber: 'Numéro de lot',
        quantity: 'Quantité',
        expiryDate: 'Date de péremption',
        reason: 'Raison',
      },
      titleOf: (kind, item) => `${kind} : ${item}`,
      counted: 'Compté',
      quantityIn: (unit) => `Quantité (${unit})`,
      optional: (field) => `${field} (facultatif)`,
      chooseLot: 'Choisir un lot',
      lotOption: (lot, quantity, expiry) =>
        `${lot} : ${f.number(quantity)}, jusqu’au ${f.day(expiry)}`,
      expiredLotOption: (lot, quantity, expiry) =>
        `${lot} : ${f.number(quantity)}, périmé le ${f.day(expiry)}`,
      left: (n) =>
        f.plural(n, { one: 'Il en reste #.', many: 'Il en reste #.', other: 'Il en reste #.' }),
      short: (left, asked) =>
        `Il n’en reste que ${f.number(left)} ; vous en demandez ${f.number(asked)}.`,
      inLot: (n) => `Le lot contient ${f.number(n)}.`,
      knownLot: 'Ce lot est déjà là et va augmenter.',
      passedDate: 'Ce jour est passé : ce que vous recevez ne sera pas délivré.',
      problems: {
        missing: 'À remplir.',
        'not a number': 'Un nombre entier, en chiffres.',
        'too much': `Au plus ${f.number(2_147_483_647)}.`,
        zero: 'Au moins 1.',
        'no such lot': 'Ce lot n’est pas ici.',
        'other expiry': 'Ce lot est ici avec une autre date de péremption.',
      },
      keys: 'Entrée passe au champ suivant, Ctrl et Entrée enregistrent.',
      reasons: ['Périmé', 'Cassé', 'Perdu', 'Rappelé'],
      countReason: 'Décompte',
      differs: 'L’étiquette dit autre chose',
      differsLine: (field, typed, scanned) =>
        `${field} : ici ${typed}, l’étiquette dit ${scanned}.`,
      takeLabel: 'Prendre l’étiquette',
      keepMine: 'Garder ce qui est ici',
      doubt: 'Comparez le lot et la date avec la boîte : le lecteur les a peut-être réunis.',
      readAs: (lot, expiry) => `Lot ${lot}, ${expiry}`,
      noExpiry: 'sans date',
    }),
  },
)
