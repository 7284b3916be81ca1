/** Off by more, tokens of other issuers, certificates and the times in logs mislead. */
export const CLOCK_OFF_MS = 60_000

/** How far this machine's clock is ahead of the database's, in ms (behind: below 0), in words and with what to do. */
export const clockSentence = (aheadMs: number): string =>
  `The clock of this machine is ${spanOf(Math.abs(aheadMs))} ${aheadMs > 0 ? 'ahead of' : 'behind'} that of the database. ` +
  'The service goes by the database; certificates and the times in this log do not. Set the one that is wrong: timedatectl set-ntp true.'

const spanOf = (ms: number): string =>
  ms >= 120_000
    ? `${Math.round(ms / 60_000).toString()} minutes`
    : `${Math.round(ms / 1_000).toString()} seconds`
