import { Center, Loader, Stack, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { ReactElement } from 'react'
import { LoginPage } from './login-page.js'
import { StockPage } from './stock-page.js'
import { useDashboard, useDashboardState } from './use-dashboard.js'

const RETRY_RESTORE_MS = 3000

/** Shows the log-in or the stock, after the session of before a reload has been tried. */
export const App = (): ReactElement => {
  const { restore } = useDashboard()
  const user = useDashboardState((state) => state.user)
  const restored = useQuery({
    queryKey: ['restore'],
    // Only whether it is done: who it is stands in the dashboard's state.
    queryFn: async () => (await restore()) !== null,
    retry: true,
    retryDelay: RETRY_RESTORE_MS,
    staleTime: Infinity,
    networkMode: 'always',
  })
  if (user !== null) return <StockPage user={user} />
  if (restored.isPending) return <Restoring failed={restored.failureCount > 0} />
  return <LoginPage />
}

const Restoring = ({ failed }: { readonly failed: boolean }): ReactElement => {
  return (
    <Center mih="60vh" component="main">
      <Stack align="center" role="status">
        <Loader aria-hidden />
        <Text>
          {failed ? 'The server cannot be reached. Trying again…' : 'Looking for your session…'}
        </Text>
      </Stack>
    </Center>
  )
}
