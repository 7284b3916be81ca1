import { Button, Group, Text } from '@mantine/core'
import type { ReactElement } from 'react'
import { describeConnection, type ConnectionText } from './connection-text.js'
import { useDashboard, useDashboardState, useNow } from './use-dashboard.js'

// Shape beside colour: filled, half, hollow, crossed.
const SIGNS: Readonly<Record<ConnectionText['kind'], string>> = {
  live: '●',
  loading: '◐',
  stale: '○',
  ended: '✕',
}

/** The answer to "is what I see true?", always in sight. */
export const ConnectionBar = (): ReactElement => {
  const { reconnect } = useDashboard()
  const status = useDashboardState((state) => state.status)
  const asOf = useDashboardState((state) => state.asOf)
  const now = useNow(1000)
  const { kind, title, detail } = describeConnection(status, asOf, now)
  return (
    <div className={`connection connection-${kind}`} data-connection={kind}>
      <Group gap="xs" wrap="nowrap" justify="space-between">
        <div>
          <Text span fw={700} role="status">
            <span aria-hidden>{SIGNS[kind]} </span>
            {title}
          </Text>{' '}
          <Text span size="sm">
            {detail}
          </Text>
        </div>
        {(kind === 'ended' || (kind === 'stale' && status.phase === 'connecting')) && (
          <Button size="compact-sm" variant="white" onClick={reconnect}>
            Try now
          </Button>
        )}
      </Group>
    </div>
  )
}
