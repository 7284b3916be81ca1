import { Anchor, Paper, Text, Title } from '@mantine/core'
import type { ReactElement } from 'react'
import { formatQuantity, formatTime } from './format.js'
import { useStock } from './use-dashboard.js'

interface AlertListProps {
  readonly onOpen: (sku: string) => void
}

/** The low-stock announcements since the page was opened, the newest first. */
export const AlertList = ({ onOpen }: AlertListProps): ReactElement => {
  const { alerts } = useStock()
  return (
    <Paper component="section" withBorder p="sm" aria-label="Low-stock alerts" className="alerts">
      <Title order={2} size="h5" mb={4}>
        Low-stock alerts
      </Title>
      <div role="log" aria-live="polite">
        {alerts.length === 0 && (
          <Text size="sm" c="dimmed">
            None since this page was opened.
          </Text>
        )}
        {alerts.map((alert) => (
          <div key={alert.seq} className="alert-line">
            <Text span size="sm" className="time">
              <time dateTime={alert.timestamp}>{formatTime(alert.timestamp)}</time>
            </Text>{' '}
            <Anchor
              component="button"
              type="button"
              size="sm"
              ta="left"
              c="var(--link)"
              onClick={() => {
                onOpen(alert.sku)
              }}
            >
              {alert.name}
            </Anchor>
            <Text size="xs" className="mark mark-low">
              ▼ {formatQuantity(alert.usableQuantity)} left, limit {formatQuantity(alert.threshold)}
            </Text>
          </div>
        ))}
      </div>
    </Paper>
  )
}
