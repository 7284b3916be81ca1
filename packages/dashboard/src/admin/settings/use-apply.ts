import { useUzima } from '@uzima/client/react'
import { useEffect, useRef, useState } from 'react'
import { useWords } from '../../i18n/use-words.js'
import { useAnnouncer } from '../../ui/announcer.js'
import { applyChanges, type Outcome } from './apply-changes.js'
import type { ItemChange } from './fields.js'
import { settingsWords } from './settings-words.js'

/** How far the saving is. */
export interface Apply {
  /** `ready` before, `running`, `done` after. */
  readonly phase: 'ready' | 'running' | 'done'
  /** By sku; those without one wait. The same map until it is drawn again. */
  readonly outcomes: ReadonlyMap<string, Outcome>
  readonly start: () => void
  readonly stop: () => void
}

/** Often enough for a bar that moves, seldom enough for thousands of rows. */
const DRAW_EVERY_MS = 250

/** Saves changes, one after the other; what is left when the view is left is not tried any more, and is said. */
export const useApply = (changes: readonly ItemChange[]): Apply => {
  const client = useUzima()
  const words = useWords(settingsWords)
  const { say, toast } = useAnnouncer()
  const [phase, setPhase] = useState<Apply['phase']>('ready')
  const [outcomes, setOutcomes] = useState<ReadonlyMap<string, Outcome>>(new Map())
  const control = useRef<AbortController | null>(null)
  const isLeft = useRef(false)
  useEffect(() => {
    isLeft.current = false
    return () => {
      isLeft.current = true
      control.current?.abort()
    }
  }, [])
  useEffect(() => {
    if (phase !== 'running') return
    const ask = (event: BeforeUnloadEvent): void => {
      event.preventDefault()
    }
    addEventListener('beforeunload', ask)
    return () => {
      removeEventListener('beforeunload', ask)
    }
  }, [phase])

  const run = async (): Promise<void> => {
    const controller = new AbortController()
    control.current = controller
    const known = new Map<string, Outcome>()
    const drawing = setInterval(() => {
      setOutcomes(new Map(known))
    }, DRAW_EVERY_MS)
    setPhase('running')
    await applyChanges(changes, {
      rest: client.rest.inventory,
      find: client.inventory.get,
      onOutcome: ({ sku }, outcome) => known.set(sku, outcome),
      signal: controller.signal,
    })
    clearInterval(drawing)
    setOutcomes(known)
    setPhase('done')
    const notSaved = [...known.values()].filter(({ state }) => state !== 'saved').length
    if (!isLeft.current) say(words.saved(known.size - notSaved))
    else if (notSaved > 0) toast(words.notSaved(notSaved))
  }
  return {
    phase,
    outcomes,
    start: () => {
      if (phase === 'ready') void run()
    },
    stop: () => control.current?.abort(),
  }
}
