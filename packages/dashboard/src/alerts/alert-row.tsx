import { useItem } from '@uzima/client/react'
import type { Alert } from '@uzima/contracts'
import type { ReactElement } from 'react'
import { WhoSawLink } from '../admin/who-saw-link.js'
import { useFormat, useWords } from '../i18n/use-words.js'
import { useMay } from '../session/use-session.js'
import { itemHref } from '../stock/item-href.js'
import { Button } from '../ui/button.js'
import { Mark } from '../ui/mark.js'
import { MARKS } from './alert-marks.js'
import { alertsWords } from './alerts-words.js'

interface AlertRowProps {
  readonly alert: Alert
  /** The server's time. */
  readonly now: number
  readonly busy: boolean
  readonly onAcknowledge: () => void
  readonly onNote: () => void
}

/** One alert: what, how much is left, since when, who knows, and who sees to it. */
export const AlertRow = ({
  alert,
  now,
  busy,
  onAcknowledge,
  onNote,
}: AlertRowProps): ReactElement => {
  const words = useWords(alertsWords)
  const format = useFormat()
  const mayAct = useMay('stock:move')
  const { kind, sku, name, state, raisedAt, escalatedAt } = alert
  return (
    <li className="alert" data-alert={kind} data-state={state}>
      <div className="alert-what">
        <p className="alert-name">
          <a href={itemHref(sku)}>{name}</a>
        </p>
        <StockOf alert={alert} />
        <p className="alert-marks">
          <Mark kind={MARKS[kind]}>{words.kinds[kind]}</Mark>
          {escalatedAt !== undefined && (
            <span title={words.escalatedAt(format.time(escalatedAt, now))}>
              <Mark kind="plain">
                <span aria-hidden>↑</span>
                {words.escalated}
              </Mark>
            </span>
          )}
          <span className="small muted">
            {words.raised(format.duration(now - Date.parse(raisedAt)))}
          </span>
          <span className="small muted">
            {alert.seenBy.length === 0
              ? words.seenByNobody
              : words.seenBy(alert.seenBy.map(({ username }) => username))}
          </span>
        </p>
        {state === 'acknowledged' && <Acknowledged alert={alert} now={now} />}
      </div>
      {state === 'open' && mayAct && (
        <div className="alert-acts">
          <Button
            kind="plain"
            busy={busy}
            onClick={onAcknowledge}
            aria-label={words.acknowledgeItem(name)}
          >
            {words.acknowledge}
          </Button>
          <Button kind="quiet" onClick={onNote} aria-label={words.withNoteItem(name)}>
            {words.withNote}
          </Button>
        </div>
      )}
      <WhoSawLink seq={alert.seq} what={name} />
    </li>
  )
}

const Acknowledged = ({ alert, now }: Pick<AlertRowProps, 'alert' | 'now'>): ReactElement => {
  const words = useWords(alertsWords)
  const format = useFormat()
  const { acknowledgedAt, acknowledgedByUsername, note } = alert
  return (
    <p className="alert-taken">
      <span aria-hidden>✓ </span>
      {words.acknowledgedBy(
        acknowledgedByUsername ?? words.somebody,
        format.duration(now - Date.parse(acknowledgedAt ?? alert.raisedAt)),
      )}
      {note !== undefined && <q className="alert-note">{note}</q>}
    </p>
  )
}

/** What is there now: it may have changed since the alert was raised. */
const StockOf = ({ alert: { sku, lotNumber } }: { readonly alert: Alert }): ReactElement => {
  const words = useWords(alertsWords)
  const format = useFormat()
  const item = useItem(sku)
  const lot = item?.lots.find((each) => each.lotNumber === lotNumber)
  if (lotNumber !== undefined) {
    return (
      <p>
        {lot === undefined
          ? words.lot(lotNumber)
          : words.lotLeft(lotNumber, lot.quantity, format.day(lot.expiryDate))}
      </p>
    )
  }
  return <p>{item !== undefined && words.left(item.usableQuantity, item.unit, item.threshold)}</p>
}
