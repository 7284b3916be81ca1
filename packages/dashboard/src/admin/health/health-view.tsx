import { useUzima } from '@uzima/client/react'
import type { System, SystemNode } from '@uzima/contracts'
import { useCallback, useMemo, type ReactElement } from 'react'
import { useFormat, useWords } from '../../i18n/use-words.js'
import { useNow } from '../../shell/use-now.js'
import { Banner } from '../../ui/banner.js'
import { Mark } from '../../ui/mark.js'
import { Card } from '../../ui/surfaces.js'
import { DataTable } from '../../ui/table.js'
import { AdminFrame } from '../admin-frame.js'
import { PolledNotice } from '../polled-notice.js'
import { usePolled } from '../use-polled.js'
import { FIGURES, timelineOf, type Figure, type Timeline } from './figures.js'
import { healthWords } from './health-words.js'
import { LineChart } from './line-chart.js'
import { isWell } from './is-well.js'

const EVERY_MS = 5_000
/** Three minutes: a server that has just started has less to show, and one remembers fifteen. */
const LEAST_STEPS = 36
/** From here on the servers let nobody in (`AUTH_STALE_AFTER_MS`, unless somebody has set it otherwise). */
const LOG_AGE_LIMIT_MS = 5_000

/** How the service is, in pictures of the last 15 minutes and server by server. */
export const HealthView = (): ReactElement => {
  const words = useWords(healthWords)
  const format = useFormat()
  const { rest } = useUzima()
  const system = usePolled(
    useCallback(() => rest.system(), [rest]),
    EVERY_MS,
  )
  const { value, at } = system
  return (
    <AdminFrame view="health">
      <PolledNotice polled={system} failed={words.notRead} stale={words.stale} />
      {value !== undefined && (
        <>
          <Banner kind={isWell(value) ? 'done' : 'warn'} role="status">
            <p className="strong">{isWell(value) ? words.allWell : words.notWell}</p>
          </Banner>
          <Pictures system={value} />
          <Servers system={value} />
          {at !== undefined && (
            <p className="muted small">{words.answeredBy(value.answeredBy, format.time(at))}</p>
          )}
        </>
      )}
    </AdminFrame>
  )
}

const useShow = (): ((figure: Figure) => (value: number) => string) => {
  const words = useWords(healthWords)
  const format = useFormat()
  return (figure) => {
    if (figure === 'deliveryMs') return words.milliseconds
    return figure === 'logAgeMs' ? words.seconds : format.number
  }
}

const Pictures = ({ system }: { readonly system: System }): ReactElement => {
  const words = useWords(healthWords)
  const show = useShow()
  const timeline = useMemo(() => timelineOf(system), [system])
  const steps = Math.max(LEAST_STEPS, timeline.values.connections.length)
  return (
    <>
      {timeline.values.connections.length === 0 && <p className="muted">{words.collecting}</p>}
      <div className="charts">
        {FIGURES.map((figure) => (
          <LineChart
            key={figure}
            name={words.figures[figure]}
            explain={words.explain[figure]}
            values={timeline.values[figure]}
            steps={steps}
            everyMs={timeline.everyMs}
            until={timeline.until}
            show={show(figure)}
            {...(figure === 'logAgeMs' ? { limit: LOG_AGE_LIMIT_MS } : {})}
          />
        ))}
      </div>
      <details className="card">
        <summary>{words.asTable}</summary>
        <Minutes timeline={timeline} />
      </details>
    </>
  )
}

/** A row for each minute: 180 steps are too many to read. */
const Minutes = ({ timeline }: { readonly timeline: Timeline }): ReactElement => {
  const words = useWords(healthWords)
  const format = useFormat()
  const show = useShow()
  const { values, until, everyMs } = timeline
  const { length } = values.connections
  const every = Math.max(1, Math.round(60_000 / everyMs))
  const rows = Array.from(
    { length: Math.ceil(length / every) },
    (_, index) => length - 1 - index * every,
  )
  return (
    <DataTable
      label={words.asTable}
      rows={rows}
      keyOf={(row) => row.toString()}
      columns={[
        {
          id: 'time',
          head: words.time,
          cell: (row) => format.time(until - (length - 1 - row) * everyMs),
        },
        ...FIGURES.map((figure) => ({
          id: figure,
          head: words.figures[figure],
          number: true,
          cell: (row: number) => {
            const value = values[figure][row] ?? null
            return value === null ? words.nothing : show(figure)(value)
          },
        })),
      ]}
    />
  )
}

const Servers = ({ system }: { readonly system: System }): ReactElement => {
  const words = useWords(healthWords)
  const format = useFormat()
  const now = useNow(EVERY_MS)
  const rows: readonly (SystemNode | { readonly node: string; readonly missing: true })[] = [
    ...system.nodes,
    ...system.missingNodes.map((node) => ({ node, missing: true }) as const),
  ]
  const of =
    (read: (node: SystemNode) => string) =>
    (row: (typeof rows)[number]): string =>
      'missing' in row ? '–' : read(row)
  return (
    <Card title={words.servers}>
      <DataTable
        label={words.servers}
        rows={rows}
        keyOf={({ node }) => node}
        columns={[
          { id: 'node', head: words.node, cell: ({ node }) => <strong>{node}</strong> },
          {
            id: 'state',
            head: words.state,
            cell: (row) =>
              'missing' in row ? (
                <Mark kind="low">{words.missing}</Mark>
              ) : (
                <Mark kind={row.ready ? 'good' : 'out'}>
                  {row.ready ? words.ready : words.notReady}
                </Mark>
              ),
          },
          {
            id: 'database',
            head: words.database,
            cell: of((row) => words.databases[row.database]),
          },
          { id: 'redis', head: words.redis, cell: of((row) => words.redises[row.redis]) },
          { id: 'log', head: words.log, cell: of((row) => words.logs[row.log]) },
          {
            id: 'connections',
            head: words.figures.connections,
            number: true,
            cell: of((row) => format.number(row.series.connections.at(-1) ?? 0)),
          },
          {
            id: 'uptime',
            head: words.uptime,
            cell: of((row) => format.duration(now - Date.parse(row.startedAt))),
          },
        ]}
      />
    </Card>
  )
}
