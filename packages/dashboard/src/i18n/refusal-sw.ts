import type { Format } from './format.js'
import type { RefusalSentences } from './refusal-sentences.js'

export const refusalSw = (f: Format): RefusalSentences => {
  const later = (ms: number | undefined): string =>
    ms === undefined
      ? 'Jaribu tena baada ya muda mfupi.'
      : `Jaribu tena baada ya ${f.duration(ms)}.`
  const loginAgain = 'Ingia tena.'
  return {
    AUTH_TOKEN_MISSING: () => `Hujaingia. ${loginAgain}`,
    AUTH_TOKEN_INVALID: () => `Kipindi chako si halali tena. ${loginAgain}`,
    AUTH_TOKEN_EXPIRED: () => `Kipindi chako kimeisha. ${loginAgain}`,
    AUTH_TOKEN_NOT_YET_VALID: () => 'Kipindi chako kinaanza hivi punde. Jaribu tena.',
    AUTH_USER_UNKNOWN: () => 'Akaunti hii haipo tena. Muulize msimamizi wako.',
    AUTH_USER_INACTIVE: () => 'Akaunti hii imezimwa. Muulize msimamizi wako.',
    AUTH_SESSION_REVOKED: () => `Msimamizi amesitisha kipindi chako. ${loginAgain}`,
    AUTH_STALE: () => 'Seva haiwezi kuthibitisha haki zako kwa sasa. Inajaribu tena yenyewe.',
    AUTH_CREDENTIALS_INVALID: () => 'Jina la mtumiaji au nywila si sahihi.',
    AUTH_REFRESH_INVALID: () => `Kipindi chako kimeisha. ${loginAgain}`,
    AUTH_FORBIDDEN: () => 'Jukumu lako haliruhusu jambo hili.',
    TOO_MANY_CONNECTIONS: (n) =>
      `Umeingia kwenye vifaa vingi mno. Funga kimoja. ${later(n.retryAfterMs)}`,
    RATE_LIMITED: (n) => `Umejaribu mara nyingi mno. ${later(n.retryAfterMs)}`,
    SLOW_CONSUMER: () => 'Muunganisho ni wa polepole mno. Unaanzishwa upya.',
    SERVER_DRAINING: () => 'Seva inaanza upya. Itarudi yenyewe.',
    SERVER_UNAVAILABLE: (n) => `Seva ina kazi nyingi au inaanza. ${later(n.retryAfterMs)}`,
    EVENT_UNKNOWN: () => 'Seva haijui ombi hili. Pakia ukurasa upya.',
    EVENT_INVALID: () => 'Seva haikuweza kusoma ombi hili. Pakia ukurasa upya.',
    EVENT_NAME_RESERVED: () => 'Jina hili ni la mfumo. Chagua jingine.',
    INTERNAL: () => 'Hitilafu imetokea kwenye seva. Mwambie msimamizi wako.',
    VALIDATION_FAILED: (n) =>
      n.fields.length === 0
        ? 'Kuna kitu hakijajazwa inavyotakiwa.'
        : `Tafadhali kagua: ${f.list(n.fields)}.`,
    NOT_FOUND: () => 'Hiki hakipo tena.',
    METHOD_NOT_ALLOWED: () => 'Seva haikubali ombi hili. Pakia ukurasa upya.',
    PAYLOAD_TOO_LARGE: () => 'Hii ni nyingi mno kwa mara moja. Tuma kidogo.',
    UNSUPPORTED_MEDIA_TYPE: () => 'Seva haikubali aina hii ya faili.',
    IDEMPOTENCY_KEY_REUSED: () => 'Hii ilitumwa awali ikiwa na maudhui mengine. Iandike upya.',
    IDEMPOTENCY_IN_PROGRESS: () => 'Hii bado inarekodiwa. Itahesabiwa mara moja tu.',
    INVENTORY_ITEM_NOT_FOUND: () => 'Bidhaa hii haipo tena kwenye bohari.',
    INVENTORY_LOT_NOT_FOUND: () => 'Toleo hili halipo tena kwenye bohari.',
    INVENTORY_SKU_EXISTS: () => 'Tayari kuna bidhaa yenye msimbo huu.',
    INVENTORY_ITEM_ARCHIVED: () => 'Bidhaa hii imeondolewa kwenye bohari.',
    INVENTORY_INSUFFICIENT_STOCK: (n) =>
      n.available === undefined || n.requested === undefined
        ? 'Bohari haina kiasi hicho.'
        : n.available === 0
          ? `Hakuna iliyobaki; umeomba ${f.number(n.requested)}.`
          : `Zimebaki ${f.number(n.available)} tu; umeomba ${f.number(n.requested)}.`,
    INVENTORY_LOT_MISMATCH: () => 'Toleo hili tayari lipo likiwa na tarehe nyingine ya kuisha.',
    ALERT_NOT_FOUND: () => 'Tahadhari hii haipo tena.',
    STORE_UNAVAILABLE: () =>
      'Kifaa hiki hakina nafasi ya kuihifadhi. Hakuna kilichorekodiwa: futa vitu vingine, au jaribu tena ukiwa na muunganisho.',
    WRITE_NOT_REFUSED: () => 'Rekodi hii haikukataliwa: hakuna la kuamua.',
    WRITE_UNSETTLED: () => 'Huenda rekodi hii imeshaingizwa. Subiri hadi seva ijibu.',
    INVENTORY_COUNT_CONFLICT: (n) =>
      n.expected === undefined || n.actual === undefined
        ? 'Kiasi cha toleo hili kimebadilika tangu ulipohesabu.'
        : `Kiasi cha toleo hili kimebadilika tangu ulipohesabu: wakati ule ${f.number(n.expected)}, sasa ${f.number(n.actual)}.`,
    INVENTORY_QUANTITY_LIMIT: () =>
      `Hii inazidi kiasi ambacho bohari inaweza kushika (${f.number(2_147_483_647)}).`,
    INVENTORY_VERSION_CONFLICT: () => 'Mtu mwingine amebadilisha bidhaa hii. Angalia tena.',
    USER_NOT_FOUND: () => 'Mtumiaji huyu hayupo tena.',
    USER_EXISTS: () => 'Tayari kuna mtumiaji mwenye jina hili au barua pepe hii.',
    USER_LAST_ADMIN: () => 'Huyu ni msimamizi wa mwisho na hawezi kuondolewa.',
    GRANT_NOT_FOUND: () => 'Jukumu hili la muda halipo.',
    USER_ACTIVE: () => 'Mtumiaji huyu bado anatumika. Zima akaunti kwanza.',
    BREAK_GLASS_FORBIDDEN: () =>
      'Jukumu lako haliruhusu kuchukua jingine kwa dharura. Muulize msimamizi.',
    BREAK_GLASS_NOT_NEEDED: () => 'Una jukumu hili tayari.',
    REVIEW_FORBIDDEN: () =>
      'Mtu mwingine lazima afunge ukaguzi huu: si mhusika, wala mwenye ukaguzi ulio wazi.',
    REVIEW_TOO_EARLY: () => 'Jukumu bado linatumika. Limalize kwanza.',
    REVIEW_CLOSED: () => 'Ukaguzi huu umeshafungwa.',
    CONNECTION_NOT_FOUND: () => 'Muunganisho huu umeshaisha.',
    ENTRY_UNKNOWN: () => 'Hakuna kumbukumbu ya ingizo lenye namba hii.',
    NETWORK_ERROR: () => 'Seva haifikiki. Kagua mtandao.',
    TIMEOUT: () => 'Seva haikujibu kwa wakati.',
    TOKEN_UNAVAILABLE: () => 'Kipindi chako hakikuweza kufanywa upya. Inajaribiwa tena.',
    SIGNED_OUT: () => `Umetoka. ${loginAgain}`,
    CONNECTION_LOST: () => 'Muunganisho umekatika.',
    UNEXPECTED_ANSWER: () =>
      'Kitu kingine badala ya seva ya bohari kimejibu. Je, mtandao huu unakutaka uingie kwanza?',
    unknown: () => 'Seva imekataa. Mwambie msimamizi wako.',
    unsure: () =>
      'Jibu halikufika, hivyo haijulikani kama hii imerekodiwa. Tuma tena: itahesabiwa mara moja tu.',
    fieldName: (field) => FIELDS[field],
  }
}

const FIELDS: Readonly<Record<string, string>> = {
  username: 'jina la mtumiaji',
  password: 'nywila (herufi 8 au zaidi)',
  email: 'barua pepe',
  role: 'jukumu',
  sku: 'msimbo',
  name: 'jina',
  category: 'kategoria',
  unit: 'kipimo',
  threshold: 'kiwango cha chini',
  quantity: 'kiasi',
  lotNumber: 'namba ya toleo',
  expiryDate: 'tarehe ya kuisha',
  validUntil: 'hadi lini (baada ya sasa, mwaka mmoja zaidi)',
  reason: 'sababu',
  note: 'maelezo',
}
