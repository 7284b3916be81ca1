import './alerts.css'
import { useAlerts, useConnection, useUzima } from '@uzima/client/react'
import type { Alert } from '@uzima/contracts'
import { useState, type ReactElement, type ReactNode } from 'react'
import { useFormat, useWords } from '../i18n/use-words.js'
import { useNow } from '../shell/use-now.js'
import { Banner } from '../ui/banner.js'
import { EmptyState, ViewTitle } from '../ui/surfaces.js'
import { KINDS } from './alert-marks.js'
import { AlertRow } from './alert-row.js'
import { alertsWords } from './alerts-words.js'
import { NoteDialog } from './note-dialog.js'
import { useAcknowledge } from './use-acknowledge.js'
import { useSeen } from './use-seen.js'

/** What somebody has to act on, the worst first; what somebody sees to already stays below until its cause is gone. */
export const AlertsView = (): ReactElement => {
  const words = useWords(alertsWords)
  const alerts = useAlerts()
  const now = useNow(15_000)
  const [noting, setNoting] = useState<Alert>()
  const { busyId, failure, acknowledge } = useAcknowledge()
  useSeen(alerts)
  const open = alerts.filter(({ state }) => state === 'open')
  const taken = alerts.filter(({ state }) => state === 'acknowledged')
  const rowOf = (alert: Alert): ReactElement => (
    <AlertRow
      key={alert.id}
      alert={alert}
      now={now}
      busy={busyId === alert.id}
      onAcknowledge={() => void acknowledge(alert)}
      onNote={() => {
        setNoting(alert)
      }}
    />
  )
  return (
    <div className="stack">
      <ViewTitle>{words.title}</ViewTitle>
      {failure !== undefined && <Banner kind="error" role="alert" title={failure} />}
      <AsOf now={now} />
      {alerts.length === 0 && <Nothing />}
      {open.length === 0 && taken.length > 0 && <Banner kind="done" title={words.allTaken} />}
      {KINDS.map((kind) => (
        <Group
          key={kind}
          title={words.groups[kind]}
          rows={open.filter((alert) => alert.kind === kind).map(rowOf)}
        />
      ))}
      <Group title={words.acknowledged} rows={taken.map(rowOf)} />
      {noting !== undefined && (
        <NoteDialog
          alert={noting}
          busy={busyId === noting.id}
          onAcknowledge={(note) => {
            void acknowledge(noting, note).then(() => {
              setNoting(undefined)
            })
          }}
          onClose={() => {
            setNoting(undefined)
          }}
        />
      )}
    </div>
  )
}

/** As of when it is, wherever that is not now. */
const AsOf = ({ now }: { readonly now: number }): ReactNode => {
  const words = useWords(alertsWords)
  const format = useFormat()
  const { phase, asOf: live } = useConnection()
  const asOf = useUzima().alerts.asOf()
  if (asOf === null || (phase === 'connected' && asOf === live)) return null
  return <p className="small muted">{words.asOf(format.time(asOf, now))}</p>
}

/** An empty list says something once it has been read. */
const Nothing = (): ReactElement => {
  const words = useWords(alertsWords)
  useConnection()
  return useUzima().alerts.asOf() === null ? (
    <EmptyState sign="○" title={words.unknown} />
  ) : (
    <EmptyState sign="✓" title={words.nothing} detail={words.nothingDetail} />
  )
}

interface GroupProps {
  readonly title: string
  readonly rows: readonly ReactElement[]
}

const Group = ({ title, rows }: GroupProps): ReactNode => {
  const format = useFormat()
  if (rows.length === 0) return null
  return (
    <section className="stack-tight" aria-label={title}>
      <h2 className="alert-group">
        {title} <span className="muted">{format.number(rows.length)}</span>
      </h2>
      <ul className="alerts">{rows}</ul>
    </section>
  )
}
