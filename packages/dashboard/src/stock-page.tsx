import { Alert, Button, Container, Group, Text, Title } from '@mantine/core'
import type { User } from '@uzima/contracts'
import { roleAllows } from '@uzima/contracts/values'
import { useState, type ReactElement } from 'react'
import { AlertList } from './alert-list.js'
import { ConnectionBar } from './connection-bar.js'
import { ItemPanel } from './item-panel.js'
import { StockList } from './stock-list.js'
import { useDashboard } from './use-dashboard.js'

/** The page of somebody who is logged in. */
export const StockPage = ({ user }: { readonly user: User }): ReactElement => {
  const { logout } = useDashboard()
  return (
    <>
      <section className="top" aria-label="Session and connection">
        <Container size="xl">
          <Group justify="space-between" py="xs" wrap="nowrap">
            <Title order={1} size="h4">
              Uzima stock
            </Title>
            <Group gap="sm" wrap="nowrap">
              <Text size="sm" ta="right" lh={1.2} className="who">
                <b>{user.username}</b>
                <br />
                {user.role.replaceAll('_', ' ')}
              </Text>
              <Button size="xs" variant="default" onClick={logout}>
                Log out
              </Button>
            </Group>
          </Group>
        </Container>
        <ConnectionBar />
      </section>
      <Container size="xl" py="md" component="main">
        {roleAllows(user.role, 'stock:read') ? (
          <Stock canMove={roleAllows(user.role, 'stock:move')} />
        ) : (
          <Alert color="blue" variant="outline" title="No stock to show" role="status">
            You are logged in with the role “{user.role.replaceAll('_', ' ')}”, which cannot read
            the stock. If it should, ask your administrator for another role; this page follows by
            itself.
          </Alert>
        )}
      </Container>
    </>
  )
}

const Stock = ({ canMove }: { readonly canMove: boolean }): ReactElement => {
  const [openSku, setOpenSku] = useState<string | null>(null)
  return (
    <div className="columns">
      <StockList onOpen={setOpenSku} />
      <AlertList onOpen={setOpenSku} />
      <ItemPanel
        sku={openSku}
        canMove={canMove}
        onClose={() => {
          setOpenSku(null)
        }}
      />
    </div>
  )
}
