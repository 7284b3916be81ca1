import { useState, type ReactElement } from 'react'

export interface LogInProps {
  readonly onLogIn: (username: string, password: string) => Promise<void>
}

export const LogIn = ({ onLogIn }: LogInProps): ReactElement => {
  const [problem, setProblem] = useState('')
  const submit = (form: FormData): void => {
    const text = (name: string): string => {
      const value = form.get(name)
      return typeof value === 'string' ? value : ''
    }
    onLogIn(text('username'), text('password')).catch((error: unknown) => {
      setProblem(error instanceof Error ? error.message : String(error))
    })
  }
  return (
    <form action={submit}>
      <label>
        User name <input name="username" autoComplete="username" />
      </label>
      <label>
        Password <input name="password" type="password" autoComplete="current-password" />
      </label>
      <button>Log in</button>
      <p role="alert">{problem}</p>
    </form>
  )
}
