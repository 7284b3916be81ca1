/**
 * Runs the examples that need more than this repository installs: `npm run test:examples`, or those that are named behind
 * `--`. Each gets the built server, must connect, and must hear what happens there. What it needs is installed into the folder
 * of the example, or `.cache`. Where a tool is missing a sentence says how to install it, and the command fails.
 */
import { startServer, type RunningServer } from '../test/support/server.js'
import { MissingToolError } from './examples/tools.js'
import { runJava } from './examples/java.js'
import { runNest } from './examples/nestjs.js'
import { runPython } from './examples/python.js'
import { runRust } from './examples/rust.js'

const EXAMPLES: Readonly<Record<string, (server: RunningServer) => Promise<string>>> = {
  python: runPython,
  nestjs: runNest,
  java: runJava,
  rust: runRust,
}

const main = async (): Promise<void> => {
  const named = process.argv.slice(2)
  const unknown = named.filter((name) => !Object.hasOwn(EXAMPLES, name))
  if (unknown.length > 0) {
    console.error(`There is no example ${unknown.join(', ')}; there are ${names.join(', ')}.`)
    process.exitCode = 1
    return
  }
  await using server = await startServer()
  const token = await server.login()
  const item = { sku: 'ORS-1', name: 'Oral rehydration salts' }
  await server.api(token, 'POST', '/api/inventory', item)
  for (const name of named.length > 0 ? named : names) {
    try {
      console.log(`${name}: ${(await EXAMPLES[name]?.(server)) ?? ''}`)
    } catch (error) {
      const isToolMissing = error instanceof MissingToolError
      console.error(`${name}: NOT RUN OR FAILED.`, isToolMissing ? error.message : error)
      process.exitCode = 1
    }
  }
}

const names = Object.keys(EXAMPLES)

await main()
