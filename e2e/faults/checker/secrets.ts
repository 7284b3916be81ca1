const TOKEN = /eyJ[\w-]{8,}\.[\w-]+\.[\w-]+/
const TAIL_LENGTH = 16

/** Whether a text has a token in it: one of `secrets` by its end, or anything that looks like one. */
export const leaksIn = (text: string, secrets: readonly string[]): boolean =>
  TOKEN.test(text) || secrets.some((secret) => text.includes(secret.slice(-TAIL_LENGTH)))
