import type { Format } from './format.js'
import type { RefusalSentences } from './refusal-sentences.js'

export const refusalFr = (f: Format): RefusalSentences => {
  const later = (ms: number | undefined): string =>
    ms === undefined ? 'Réessayez dans un instant.' : `Réessayez dans ${f.duration(ms)}.`
  const loginAgain = 'Reconnectez-vous.'
  return {
    AUTH_TOKEN_MISSING: () => `Vous n’êtes pas connecté. ${loginAgain}`,
    AUTH_TOKEN_INVALID: () => `Votre session n’est plus valable. ${loginAgain}`,
    AUTH_TOKEN_EXPIRED: () => `Votre session est terminée. ${loginAgain}`,
    AUTH_TOKEN_NOT_YET_VALID: () => 'Votre session commence dans un instant. Réessayez bientôt.',
    AUTH_USER_UNKNOWN: () => 'Ce compte n’existe plus. Demandez à votre administrateur.',
    AUTH_USER_INACTIVE: () => 'Ce compte est désactivé. Demandez à votre administrateur.',
    AUTH_SESSION_REVOKED: () => `Un administrateur a mis fin à votre session. ${loginAgain}`,
    AUTH_STALE: () =>
      'Le serveur ne peut pas confirmer vos droits pour le moment. Il réessaie de lui-même.',
    AUTH_CREDENTIALS_INVALID: () => 'Le nom d’utilisateur ou le mot de passe est incorrect.',
    AUTH_REFRESH_INVALID: () => `Votre session est terminée. ${loginAgain}`,
    AUTH_FORBIDDEN: () => 'Votre rôle ne le permet pas.',
    TOO_MANY_CONNECTIONS: (n) =>
      `Vous êtes connecté sur trop d’appareils. Fermez-en un. ${later(n.retryAfterMs)}`,
    RATE_LIMITED: (n) => `Trop de tentatives. ${later(n.retryAfterMs)}`,
    SLOW_CONSUMER: () => 'La connexion est trop lente pour suivre. Elle est rétablie.',
    SERVER_DRAINING: () => 'Le serveur redémarre. Il revient de lui-même.',
    SERVER_UNAVAILABLE: (n) => `Le serveur est occupé ou démarre. ${later(n.retryAfterMs)}`,
    EVENT_UNKNOWN: () => 'Le serveur ne connaît pas cette demande. Rechargez la page.',
    EVENT_INVALID: () => 'Le serveur n’a pas pu lire cette demande. Rechargez la page.',
    EVENT_NAME_RESERVED: () => 'Ce nom appartient au système. Choisissez-en un autre.',
    INTERNAL: () => 'Une erreur est survenue dans le serveur. Prévenez votre administrateur.',
    VALIDATION_FAILED: (n) =>
      n.fields.length === 0
        ? 'Quelque chose n’est pas rempli comme il faut.'
        : `Veuillez vérifier : ${f.list(n.fields)}.`,
    NOT_FOUND: () => 'Cela n’existe plus.',
    METHOD_NOT_ALLOWED: () => 'Le serveur n’accepte pas cette demande. Rechargez la page.',
    PAYLOAD_TOO_LARGE: () => 'C’est trop à la fois. Envoyez-en moins.',
    UNSUPPORTED_MEDIA_TYPE: () => 'Le serveur n’accepte pas ce type de fichier.',
    IDEMPOTENCY_KEY_REUSED: () =>
      'Ceci a déjà été envoyé avec un autre contenu. Saisissez-le de nouveau.',
    IDEMPOTENCY_IN_PROGRESS: () => 'L’enregistrement est en cours. Il compte une seule fois.',
    INVENTORY_ITEM_NOT_FOUND: () => 'Cet article n’est plus dans le stock.',
    INVENTORY_LOT_NOT_FOUND: () => 'Ce lot n’est plus dans le stock.',
    INVENTORY_SKU_EXISTS: () => 'Il existe déjà un article avec ce code.',
    INVENTORY_ITEM_ARCHIVED: () => 'Cet article a été retiré du stock.',
    INVENTORY_INSUFFICIENT_STOCK: (n) =>
      n.available === undefined || n.requested === undefined
        ? 'Il n’y en a pas autant en stock.'
        : n.available === 0
          ? `Il n’en reste plus ; vous en demandez ${f.number(n.requested)}.`
          : `Il n’en reste que ${f.number(n.available)} ; vous en demandez ${f.number(n.requested)}.`,
    INVENTORY_LOT_MISMATCH: () => 'Ce lot est déjà là avec une autre date de péremption.',
    ALERT_NOT_FOUND: () => 'Cette alerte n’existe plus.',
    STORE_UNAVAILABLE: () =>
      'Cet appareil n’a plus de place pour le garder. Rien n’a été enregistré : libérez de la place, ou réessayez avec une connexion.',
    WRITE_NOT_REFUSED: () => 'Ce mouvement n’a pas été rejeté : il n’y a rien à décider.',
    WRITE_UNSETTLED: () =>
      'Ce mouvement est peut-être déjà enregistré. Attendez la réponse du serveur.',
    INVENTORY_COUNT_CONFLICT: (n) =>
      n.expected === undefined || n.actual === undefined
        ? 'Le stock de ce lot a changé depuis votre décompte.'
        : `Le stock de ce lot a changé depuis votre décompte : ${f.number(n.expected)} alors, ${f.number(n.actual)} maintenant.`,
    INVENTORY_QUANTITY_LIMIT: () =>
      `C’est plus que ce que le stock peut contenir (${f.number(2_147_483_647)}).`,
    INVENTORY_VERSION_CONFLICT: () =>
      'Quelqu’un a modifié cet article entre-temps. Regardez de nouveau.',
    USER_NOT_FOUND: () => 'Cet utilisateur n’existe plus.',
    USER_EXISTS: () => 'Il existe déjà un utilisateur avec ce nom ou cet e-mail.',
    USER_LAST_ADMIN: () => 'C’est le dernier administrateur actif ; il ne peut pas être supprimé.',
    GRANT_NOT_FOUND: () => 'Ce rôle temporaire n’existe pas.',
    USER_ACTIVE: () => 'L’utilisateur est actif. Désactivez d’abord le compte.',
    BREAK_GLASS_FORBIDDEN: () =>
      'Votre rôle ne permet pas d’en prendre un autre en urgence. Demandez à un administrateur.',
    BREAK_GLASS_NOT_NEEDED: () => 'Vous avez déjà ce rôle.',
    REVIEW_FORBIDDEN: () =>
      'Quelqu’un d’autre doit clore cet examen : ni la personne, ni quelqu’un dont un examen est ouvert.',
    REVIEW_TOO_EARLY: () => 'Le rôle est encore en vigueur. Terminez-le d’abord.',
    REVIEW_CLOSED: () => 'Cet examen est déjà clos.',
    CONNECTION_NOT_FOUND: () => 'Cette connexion est déjà terminée.',
    ENTRY_UNKNOWN: () => 'Aucune trace d’une entrée de ce numéro.',
    NETWORK_ERROR: () => 'Le serveur est injoignable. Vérifiez le réseau.',
    TIMEOUT: () => 'Le serveur n’a pas répondu à temps.',
    TOKEN_UNAVAILABLE: () => 'Votre session n’a pas pu être renouvelée. Nouvel essai en cours.',
    SIGNED_OUT: () => `Vous êtes déconnecté. ${loginAgain}`,
    CONNECTION_LOST: () => 'La connexion a été perdue.',
    UNEXPECTED_ANSWER: () =>
      'Autre chose que le serveur de stock a répondu. Ce réseau demande-t-il d’abord une connexion ?',
    unknown: () => 'Le serveur a refusé. Prévenez votre administrateur.',
    unsure: () =>
      'Aucune réponse n’est venue : on ne sait pas si c’est enregistré. Renvoyez : cela compte une seule fois.',
    fieldName: (field) => FIELDS[field],
  }
}

const FIELDS: Readonly<Record<string, string>> = {
  username: 'nom d’utilisateur',
  password: 'mot de passe (8 caractères au moins)',
  email: 'e-mail',
  role: 'rôle',
  sku: 'code',
  name: 'nom',
  category: 'catégorie',
  unit: 'unité',
  threshold: 'seuil',
  quantity: 'quantité',
  lotNumber: 'numéro de lot',
  expiryDate: 'date de péremption',
  validUntil: 'jusqu’à quand (après maintenant, un an au plus)',
  reason: 'raison',
  note: 'note',
}
