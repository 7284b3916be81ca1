import { RealtimeError } from '@uzima/client'
import {
  Alert,
  Button,
  Container,
  Paper,
  PasswordInput,
  Stack,
  TextInput,
  Title,
} from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useState, type ReactElement } from 'react'
import { useDashboard, useDashboardState } from './use-dashboard.js'

export const LoginPage = (): ReactElement => {
  const { login } = useDashboard()
  const notice = useDashboardState((state) => state.notice)
  const [username, setUsername] = useState('')
  const [password, setPassword] = useState('')
  const submit = useMutation({
    networkMode: 'always',
    mutationFn: () => login(username.trim(), password),
    onError: () => {
      setPassword('')
    },
  })

  return (
    <Container size={400} py="xl" component="main">
      <Title order={1} size="h2" mb="md">
        Uzima stock
      </Title>
      <Paper withBorder p="lg">
        <form
          onSubmit={(event) => {
            event.preventDefault()
            submit.mutate()
          }}
        >
          <Stack>
            {notice !== null && (
              <Alert color="yellow" variant="outline" role="status">
                {notice}
              </Alert>
            )}
            <TextInput
              label="User name"
              autoComplete="username"
              autoCapitalize="none"
              spellCheck={false}
              required
              value={username}
              onChange={(event) => {
                setUsername(event.currentTarget.value)
              }}
            />
            <PasswordInput
              label="Password"
              autoComplete="current-password"
              required
              value={password}
              onChange={(event) => {
                setPassword(event.currentTarget.value)
              }}
            />
            {submit.isError && (
              <Alert color="red" variant="outline" role="alert">
                {describeLoginError(submit.error)}
              </Alert>
            )}
            <Button type="submit" loading={submit.isPending}>
              Log in
            </Button>
          </Stack>
        </form>
      </Paper>
    </Container>
  )
}

const describeLoginError = (error: Error): string => {
  if (error instanceof RealtimeError && error.retryAfterMs !== undefined) {
    return `${error.message}. Try again in ${Math.ceil(error.retryAfterMs / 1000)} s.`
  }
  return error.message
}
