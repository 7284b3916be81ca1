import { RealtimeError, randomUuid, type WriteOptions } from '@uzima/client'
import { useMutation, type UseMutationResult } from '@tanstack/react-query'
import { useRef } from 'react'

interface PendingKey {
  readonly content: string
  readonly key: string
}

/**
 * Records a movement of stock. A try whose outcome is unknown keeps its Idempotency-Key: the same content
 * sent again counts once. A definite answer, or other content, ends that.
 */
export const useMovement = <Body, Result>(
  record: (body: Body, options: WriteOptions) => Promise<Result>,
): UseMutationResult<Result, Error, Body> => {
  const pending = useRef<PendingKey | null>(null)
  return useMutation<Result, Error, Body>({
    // Sent at once and told at once: a movement that waits unseen for the network is a wrong stock.
    networkMode: 'always',
    mutationFn: async (body) => {
      const content = JSON.stringify(body)
      if (pending.current?.content !== content) pending.current = { content, key: randomUuid() }
      try {
        const result = await record(body, { idempotencyKey: pending.current.key })
        pending.current = null
        return result
      } catch (thrown) {
        if (thrown instanceof RealtimeError && !thrown.retryable) pending.current = null
        throw thrown
      }
    },
  })
}
