import type { QueuedWrite, WriteQueue } from '@uzima/client'
import type { RefusalChoice } from './refusal-choices.js'

/** Does what a person has decided about a refused movement; the refused one is over with that. */
export const decide = async (
  writes: WriteQueue,
  { id }: QueuedWrite,
  choice: RefusalChoice,
  reason: string,
): Promise<void> => {
  // Kept before the refused one is closed, so that a power cut between the two loses neither.
  if (choice.kind === 'take' || choice.kind === 'keep') await writes.retry(id, choice.changes)
  const isOpen = writes.list().some((write) => write.id === id && write.state === 'refused')
  if (isOpen) await writes.drop(id, reason)
}
