import type { Facts } from './facts.js'
import type { Violation } from './violation.js'

/** All that a connection may hear that has not authenticated: engine.io's own, and a refusal with a known shape. */
const ALLOWED =
  /^(?:0\{.*\}|2|6|1|41|44(?:\/[^,]*,)?\{"message":"[^"]*"(?:,"data":\{"code":"[A-Z_]+","retryable":(?:true|false)(?:,"needsNewToken":true)?(?:,"retryAfterMs":\d+)?\})?\})$/

/** I12: what ghosts heard. */
export const checkGhosts = ({ history }: Facts): Violation[] => {
  return history.records.flatMap((record) =>
    record.op === 'ghost' && !ALLOWED.test(record.frame)
      ? [
          {
            invariant: 'I12',
            detail: `${record.attempt} (${record.kind}) received ${record.frame.slice(0, 120)}`,
          },
        ]
      : [],
  )
}

/** I14: places where a token was found. */
export const checkSecrets = ({ history }: Facts): Violation[] => {
  return history.records.flatMap((record) =>
    record.op === 'leak' ? [{ invariant: 'I14', detail: `a token is in ${record.where}` }] : [],
  )
}
