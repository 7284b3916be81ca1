/**
 * Whether this is a uuid as PostgreSQL writes it, in lower case: one spelling, because caches and revocations go by the
 * text of an id.
 */
export const isUuid = (text: string): boolean =>
  /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/.test(text)
