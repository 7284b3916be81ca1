/**
 * Makes a random UUID, version 4 (RFC 9562 section 5.4). Not `crypto.randomUUID`: browsers have that only on
 * https and localhost, and a clinic's page may well be `http://192.168.1.5:3000`.
 */
export const randomUuid = (): string => {
  const bytes = crypto.getRandomValues(new Uint8Array(36))
  return 'xxxxxxxx-xxxx-4xxx-yxxx-xxxxxxxxxxxx'.replaceAll(/[xy]/g, (digit, place: number) => {
    const random = bytes[place] ?? 0
    return (digit === 'x' ? random & 15 : (random & 3) | 8).toString(16)
  })
}
