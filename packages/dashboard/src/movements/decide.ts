import type { QueuedWrite, WriteQueue } from '@uzima/client'
import type { RefusalChoice } from './refusal-choices.js'

/** Does what a person has decided about a refused movement; the refused one is over with that. */
export const decide = async (
  writes: WriteQueue,
  { id }: QueuedWrite,
  choice: RefusalChoice,
  reason: string,
): Promise<QueuedWrite | undefined> => {
  if (choice.kind === 'take' || choice.kind === 'keep') return writes.retry(id, choice.changes)
  await writes.drop(id, reason)
  return undefined
}
