import { alertSeenSchema } from '@uzima/contracts'
import { AppError } from '../errors/app-error.js'
import type { Feature } from './feature.js'

/** Puts on record that a user has seen an alert; throws `ALERT_NOT_FOUND` for one that he may not see. */
export type SeeAlert = (viewer: { readonly userId: string }, id: string) => Promise<void>

/** Takes `alert:seen` from clients. */
export const takeSeenAlerts = (see: SeeAlert): Feature => ({
  handlers: {
    'alert:seen': async (session, payload) => {
      const { data } = alertSeenSchema.safeParse(payload)
      if (data === undefined) throw new AppError('EVENT_INVALID')
      await see(session.viewer(), data.id)
      return {}
    },
  },
})
