import { useUzima } from '@uzima/client/react'
import type { Alert } from '@uzima/contracts'
import { useState } from 'react'
import { describeError } from '../i18n/describe-refusal.js'
import { useSpeech, useWords } from '../i18n/use-words.js'
import { useUser } from '../session/use-session.js'
import { useAnnouncer } from '../ui/announcer.js'
import { focusHeading } from '../ui/focus.js'
import { alertsWords } from './alerts-words.js'

export interface Acknowledging {
  /** Id of the alert that is under way. */
  readonly busyId: string | undefined
  /** Why the last one failed, in a sentence. */
  readonly failure: string | undefined
  readonly acknowledge: (alert: Alert, note?: string) => Promise<boolean>
}

/** Says that this person sees to an alert, and tells who was first. */
export const useAcknowledge = (): Acknowledging => {
  const { alerts } = useUzima()
  const { userId } = useUser()
  const speech = useSpeech()
  const words = useWords(alertsWords)
  const { toast } = useAnnouncer()
  const [busyId, setBusyId] = useState<string>()
  const [failure, setFailure] = useState<string>()
  return {
    busyId,
    failure,
    acknowledge: async (alert, note) => {
      setBusyId(alert.id)
      setFailure(undefined)
      try {
        const { acknowledgedBy, acknowledgedByUsername } = await alerts.acknowledge(
          alert.id,
          ...(note === undefined || note === '' ? [] : [note]),
        )
        toast(
          acknowledgedBy === userId
            ? words.done(alert.name)
            : words.alreadyBy(alert.name, acknowledgedByUsername ?? words.somebody),
        )
        // Its button goes; who works with the keyboard goes on from the top.
        focusHeading()
        return true
      } catch (thrown) {
        setFailure(describeError(speech, thrown))
        return false
      } finally {
        setBusyId(undefined)
      }
    },
  }
}
