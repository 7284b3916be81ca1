import type { Movement, WriteState } from '@uzima/client'
import { catalogue } from '../i18n/language.js'

export const writeWords = catalogue(
  (f) => ({
    title: 'Movements',
    states: {
      queued: 'Waits to be sent',
      sending: 'Is being sent',
      unsure: 'Sent, no answer yet. It counts once.',
      waiting: 'Waits until you sign in again',
      refused: 'Refused',
      accepted: 'Booked',
      closed: 'Dropped',
    } satisfies Record<WriteState, string>,
    describe: (movement: Movement) => {
      const quantity = f.number(movement.quantity)
      switch (movement.kind) {
        case 'receive':
          return `Receive ${quantity} into lot ${movement.lotNumber}`
        case 'consume':
          return `Take out ${quantity}`
        case 'count':
          return `Lot ${movement.lotNumber} counted: ${quantity}`
        case 'dispose':
          return `Write off ${quantity} of lot ${movement.lotNumber}`
      }
    },
    take: (n: number) => `Take ${f.number(n)}`,
    keep: (n: number) => `My ${f.number(n)} is right`,
    recount: 'Count again',
    change: 'Change it',
    drop: 'Drop it',
    dropped: 'Dropped by the person',
    undo: 'Undo',
    undoOf: (what: string) => `Undo: ${what}`,
    undoTitle: 'Take this back?',
    undoDetail: 'A movement the other way is booked. Both stay in the history.',
    undoReason: 'taken back',
    undone: 'Taken back',
    none: 'Nothing waits',
    noneDetail:
      'All that you booked on this device has arrived. To book more, scan a label or open an item.',
    toStock: 'To the stock',
    waitingHere: 'What has not arrived yet',
    refusedHere: 'What needs a decision',
    arrived: 'Booked on this device',
    pendingEffect: (now: number, then: number) => `${f.number(now)} → ${f.number(then)} when sent`,
    pendingShort: (n: number) => `short by ${f.number(n)}`,
    history: {
      created: 'Made',
      updated: 'Changed',
      lot_added: 'Received',
      consumed: 'Taken out',
      adjusted: 'Counted',
      disposed: 'Written off',
      expired: 'Expired',
      archived: 'Taken out of the stock',
    },
  }),
  {
    sw: (f) => ({
      title: 'Mienendo ya bidhaa',
      states: {
        queued: 'Inasubiri kutumwa',
        sending: 'Inatumwa',
        unsure: 'Imetumwa, jibu bado. Itahesabiwa mara moja.',
        waiting: 'Inasubiri uingie tena',
        refused: 'Imekataliwa',
        accepted: 'Imehifadhiwa',
        closed: 'Imeachwa',
      },
      describe: (movement) => {
        const quantity = f.number(movement.quantity)
        switch (movement.kind) {
          case 'receive':
            return `Pokea ${quantity} katika toleo ${movement.lotNumber}`
          case 'consume':
            return `Tumia ${quantity}`
          case 'count':
            return `Toleo ${movement.lotNumber} limehesabiwa: ${quantity}`
          case 'dispose':
            return `Ondoa ${quantity} za toleo ${movement.lotNumber}`
        }
      },
      take: (n) => `Chukua ${f.number(n)}`,
      keep: (n) => `${f.number(n)} yangu ni sahihi`,
      recount: 'Hesabu tena',
      change: 'Badilisha',
      drop: 'Acha',
      dropped: 'Imeachwa na mtumiaji',
      undo: 'Tengua',
      undoOf: (what) => `Tengua: ${what}`,
      undoTitle: 'Rudisha hili?',
      undoDetail: 'Mwendo wa kinyume utahifadhiwa. Yote mawili yatabaki kwenye historia.',
      undoReason: 'imetenguliwa',
      undone: 'Imetenguliwa',
      none: 'Hakuna kinachosubiri',
      noneDetail:
        'Yote uliyohifadhi kwenye kifaa hiki yamefika. Kuhifadhi zaidi, changanua lebo au fungua bidhaa.',
      toStock: 'Kwenye bohari',
      waitingHere: 'Ambayo bado hayajafika',
      refusedHere: 'Yanayohitaji uamuzi',
      arrived: 'Yaliyohifadhiwa kwenye kifaa hiki',
      pendingEffect: (now, then) => `${f.number(now)} → ${f.number(then)} ikitumwa`,
      pendingShort: (n) => `pungufu kwa ${f.number(n)}`,
      history: {
        created: 'Imeundwa',
        updated: 'Imebadilishwa',
        lot_added: 'Imepokelewa',
        consumed: 'Imetumika',
        adjusted: 'Imehesabiwa',
        disposed: 'Imeondolewa',
        expired: 'Imeisha muda',
        archived: 'Imetolewa kwenye bohari',
      },
    }),
    fr: (f) => ({
      title: 'Mouvements',
      states: {
        queued: 'En attente d’envoi',
        sending: 'Envoi en cours',
        unsure: 'Envoyé, pas encore de réponse. Cela compte une fois.',
        waiting: 'Attend votre prochaine connexion',
        refused: 'Rejeté',
        accepted: 'Enregistré',
        closed: 'Abandonné',
      },
      describe: (movement) => {
        const quantity = f.number(movement.quantity)
        switch (movement.kind) {
          case 'receive':
            return `Réception de ${quantity}, lot ${movement.lotNumber}`
          case 'consume':
            return `Sortie de ${quantity}`
          case 'count':
            return `Lot ${movement.lotNumber} compté : ${quantity}`
          case 'dispose':
            return `Mise au rebut de ${quantity}, lot ${movement.lotNumber}`
        }
      },
      take: (n) => `Prendre ${f.number(n)}`,
      keep: (n) => `Mon ${f.number(n)} est juste`,
      recount: 'Recompter',
      change: 'Modifier',
      drop: 'Abandonner',
      dropped: 'Abandonné par la personne',
      undo: 'Rétablir',
      undoOf: (what) => `Rétablir : ${what}`,
      undoTitle: 'Revenir en arrière ?',
      undoDetail: 'Un mouvement contraire est enregistré. Les deux restent dans l’historique.',
      undoReason: 'rétabli',
      undone: 'Rétabli',
      none: 'Rien n’est en attente',
      noneDetail:
        'Tout ce que vous avez enregistré sur cet appareil est arrivé. Pour continuer, scannez une étiquette ou ouvrez un article.',
      toStock: 'Vers le stock',
      waitingHere: 'Pas encore arrivé',
      refusedHere: 'À décider',
      arrived: 'Enregistré sur cet appareil',
      pendingEffect: (now, then) => `${f.number(now)} → ${f.number(then)} après l’envoi`,
      pendingShort: (n) => `il en manque ${f.number(n)}`,
      history: {
        created: 'Créé',
        updated: 'Modifié',
        lot_added: 'Réception',
        consumed: 'Sortie',
        adjusted: 'Décompte',
        disposed: 'Mise au rebut',
        expired: 'Périmé',
        archived: 'Retiré du stock',
      },
    }),
  },
)
