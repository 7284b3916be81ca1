/** One breach of an invariant, with what is needed to find it in the history. */
export interface Violation {
  /** `I1` to `I23`, as listed in `INVARIANTS`. */
  readonly invariant: string
  readonly detail: string
}

export const INVARIANTS: Readonly<Record<string, string>> = {
  I1: 'no event lost',
  I2: 'no event applied twice',
  I3: 'no phantom: every packet is a committed entry',
  I4: 'numbers only grow on a connection',
  I5: 'numbers are 1..N, in the order of real time',
  I6: 'acknowledged writes are there once, refused ones never',
  I7: 'stock is conserved, answers and refusals agree with a replay',
  I8: 'consumption takes the earliest expiry first',
  I9: 'a key has one effect and one answer',
  I10: 'one alert per crossing of the threshold',
  I11: 'nothing after a right has ended',
  I12: 'no application byte before authentication',
  I13: 'every attempt is on record, and the record is fixed',
  I14: 'no token anywhere outside the handshake',
  I15: 'everybody is at the head again 10 s after the last fault',
  I16: 'nobody exits unasked',
  I17: 'a resume is complete or says that it is not',
  I18: 'all clients end in the state of the database',
  I19: 'nobody with a good right is closed or refused without a reason',
  I20: 'after each fault the world comes back by itself',
  I21: 'a node that cannot confirm rights lets nobody in',
  I22: 'who knows his password is let in, whoever guesses at it',
  I23: 'no request is answered 500',
}
