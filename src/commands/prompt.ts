import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'

/** Asks on standard error, so that standard output stays clean for pipes. Ctrl-C throws. */
export const ask = (question: string): Promise<string> => prompt(question, process.stderr)

/** The same without showing what is typed. */
export const askSecret = async (question: string): Promise<string> => {
  const nowhere = new Writable({
    write: (_chunk, _encoding, done) => {
      done()
    },
  })
  process.stderr.write(question)
  const answer = await prompt('', nowhere)
  process.stderr.write('\n')
  return answer
}

const prompt = async (question: string, output: NodeJS.WritableStream): Promise<string> => {
  const reader = createInterface({ input: process.stdin, output, terminal: process.stdin.isTTY })
  const interrupted = new AbortController()
  const stop = (): void => {
    interrupted.abort(new Error('Interrupted.'))
  }
  reader.once('SIGINT', stop)
  // The end of a file that standard input was taken from.
  reader.once('close', stop)
  try {
    return await reader.question(question, { signal: interrupted.signal })
  } finally {
    reader.close()
  }
}
