import {
  createSessionTokens,
  createUzimaClient,
  indexedDbStore,
  type UzimaClient,
} from '@uzima/client'
import { UzimaProvider } from '@uzima/client/react'
import { StrictMode, useState, type ReactElement } from 'react'
import { createRoot } from 'react-dom/client'
import { LogIn } from './log-in.js'
import { Stock } from './stock.js'

const url = new URLSearchParams(location.search).get('server') ?? 'http://localhost:3000'
const session = createSessionTokens({ baseUrl: url })

const App = (): ReactElement => {
  const [client, setClient] = useState<UzimaClient>()
  const logIn = async (username: string, password: string): Promise<void> => {
    await session.login(username, password)
    // One client for each log-in, outside of what is drawn: it is started here and not in an effect.
    const next = createUzimaClient({ url, getToken: session.getToken, store: indexedDbStore() })
    setClient(next)
    await next.start()
  }
  if (client === undefined) return <LogIn onLogIn={logIn} />
  return (
    <UzimaProvider client={client}>
      <Stock />
    </UzimaProvider>
  )
}

const root = document.getElementById('root')
if (root === null) throw new Error('The page has no #root.')
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
)
