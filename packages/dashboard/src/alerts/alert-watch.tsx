import { useAlerts, useUzima } from '@uzima/client/react'
import type { Alert } from '@uzima/contracts'
import { useEffect, useRef, useState } from 'react'
import { useWords } from '../i18n/use-words.js'
import { useIsLocked } from '../tablet/lock-context.js'
import { useAnnouncer } from '../ui/announcer.js'
import { alertsWords } from './alerts-words.js'
import { createChime } from './chime.js'
import { createSound, isSoundOn } from './sound.js'

const OPEN = { state: 'open' } as const
/** Polite news is gathered this long: ten deliveries are one sentence. */
const GATHER_MS = 5000

/** Tells new alerts to who listens: by a sound, and in words. */
export const AlertWatch = (): null => {
  const words = useWords(alertsWords)
  const { say } = useAnnouncer()
  const locked = useIsLocked()
  const open = useAlerts(OPEN)
  const client = useUzima()
  const [since] = useState(() => client.now())
  const [chime] = useState(() =>
    createChime({
      play: createSound(),
      isOn: () => isSoundOn(localStorage),
      now: () => performance.now(),
    }),
  )
  const told = useRef(new Set<string>())
  const gathered = useRef<Alert[]>([])
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)

  useEffect(() => {
    const fresh = open.filter(({ id }) => !told.current.has(id))
    if (fresh.length === 0) return
    for (const { id } of fresh) told.current.add(id)
    // What was there before one sat down is in the list and in the title: no news.
    const news = fresh.filter((alert) => becameOursAt(alert) >= since)
    chime.raised(news.map(({ id }) => id))
    const describe = (alerts: readonly Alert[]): string =>
      // In the document while the page is locked: no names.
      locked
        ? words.raisedMany(alerts.length)
        : alerts.map(({ kind, name }) => words.raisedOne(words.groups[kind], name)).join('. ')
    const urgent = news.filter(({ kind }) => kind === 'out_of_stock')
    if (urgent.length > 0) say(describe(urgent), { urgent: true })
    gathered.current.push(...news.filter(({ kind }) => kind !== 'out_of_stock'))
    if (gathered.current.length === 0 || timer.current !== undefined) return
    timer.current = setTimeout(() => {
      timer.current = undefined
      const all = gathered.current.splice(0)
      say(all.length > MANY ? words.raisedMany(all.length) : describe(all))
    }, GATHER_MS)
  }, [open, chime, locked, say, since, words])

  useEffect(
    () => () => {
      clearTimeout(timer.current)
    },
    [],
  )
  return null
}

/** Nobody listens to a longer list. */
const MANY = 3

const becameOursAt = ({ raisedAt, escalatedAt }: Alert): number =>
  Date.parse(escalatedAt ?? raisedAt)
