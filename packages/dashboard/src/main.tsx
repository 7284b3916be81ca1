import '@mantine/core/styles.css'
import './styles.css'
import { MantineProvider } from '@mantine/core'
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { createRoot } from 'react-dom/client'
import { App } from './app.js'
import { createDashboard } from './dashboard.js'
import { cssVariables, theme } from './theme.js'
import { DashboardContext } from './use-dashboard.js'

const root = document.getElementById('root')
if (root === null) throw new TypeError('index.html has no element with the id "root"')

createRoot(root).render(
  <MantineProvider theme={theme} cssVariablesResolver={cssVariables} forceColorScheme="light">
    <QueryClientProvider client={new QueryClient()}>
      <DashboardContext value={createDashboard(new URL('.', location.href))}>
        <App />
      </DashboardContext>
    </QueryClientProvider>
  </MantineProvider>,
)
