#!/usr/bin/env node
import { runProgram } from './commands/program.js'

// `uzima listen | head` closes our output; that is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  process.exit(error.code === 'EPIPE' ? 0 : 1)
})

// The process of the server, loaded on demand: the other commands start in half the time without its libraries.
const serve = (): Promise<unknown> => import('./main.js')

const exitCode = await runProgram(process.argv, serve)
// Set by a server that stops by itself; a command's own code is not 0 only when it failed.
if (exitCode !== 0) process.exitCode = exitCode
