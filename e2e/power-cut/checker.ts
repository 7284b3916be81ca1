import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Found } from './check-folder.js'

/** How a process of our own sources is started. */
export const SOURCE = ['--conditions=source', '--import', 'tsx']

/** Opens folders in a process of its own, since one that a damaged folder ended must not end the run. */
export interface Checker extends AsyncDisposable {
  readonly check: (folder: string) => Promise<Found | Error>
}

export const createChecker = (): Checker => {
  const script = fileURLToPath(new URL('check-folder.ts', import.meta.url))
  let child: ChildProcess | undefined

  const check = async (folder: string): Promise<Found | Error> => {
    child ??= fork(script, { execArgv: SOURCE, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
    const stopWaiting = new AbortController()
    const { signal } = stopWaiting
    child.send(folder)
    try {
      const [answer] = (await Promise.race([
        once(child, 'message', { signal }),
        once(child, 'exit', { signal }).then(() => [{ failed: 'The process ended.' }]),
        // What check-folder.ts sends.
      ])) as [Found | { readonly failed: string }]
      if (!('failed' in answer)) return answer
      if (child.exitCode !== null || child.signalCode !== null) child = undefined
      return new Error(answer.failed)
    } finally {
      stopWaiting.abort()
    }
  }

  return {
    check,
    [Symbol.asyncDispose]: async () => {
      if (child === undefined) return
      child.kill('SIGKILL')
      await once(child, 'exit')
    },
  }
}
