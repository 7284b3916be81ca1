/**
 * Builds the server, the client's package and the page where they are not built from what stands in the tree; takes 50 ms where they are.
 *
 *   --always     builds also where nothing has changed
 *   --optional   where the tools are not installed (`npm ci --omit=dev`), says so instead of failing
 *
 * Plain Node and nothing installed, because `npm ci` runs it, and `npm start` waits for it.
 */
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { bringPackages } from './build/bring-packages.js'
import { alone } from './build/lock.js'
import { precompress } from './build/precompress.js'
import { createTree } from './build/tree.js'

const root = fileURLToPath(new URL('..', import.meta.url))
const options = new Set(process.argv.slice(2))
const tree = createTree(root)

const main = async () => {
  if (!options.has('--always') && tree.staleBecause() === undefined) return
  if (!existsSync(`${root}node_modules/typescript`) || !existsSync(`${root}node_modules/vite`)) {
    say(
      'The build is left out, because what builds is not installed (npm ci --omit=dev). Run `npm ci && npm run build`, ' +
        'or bring dist and packages/*/dist from where that was done.',
    )
    process.exitCode = options.has('--optional') ? 0 : 1
    return
  }
  await alone(`${root}.cache`, async () => {
    // Asked again: whoever held the lock has probably built what we came for.
    const reason = tree.staleBecause() ?? (options.has('--always') ? 'it was asked for' : undefined)
    if (reason === undefined) return
    say(`Building the server and the page, because ${reason}; this takes some seconds.`)
    await build()
  })
}

const build = async () => {
  const inputs = tree.inputs()
  // The compiler looks at its own notes only: where outputs are missing or foreign, it must not trust them.
  if (!tree.isWhole()) tree.forgetNotes()
  tree.removeStamp()
  const codes = await Promise.all([
    run('node_modules/typescript/bin/tsc', '--build'),
    run('node_modules/vite/bin/vite.js', 'build', 'packages/dashboard', '--logLevel', 'warn'),
    run('node_modules/tsx/dist/cli.mjs', '--conditions=source', 'scripts/make-embedded-image.ts'),
  ])
  // Of the declarations that the compiler has made.
  if (codes.every((code) => code === 0)) {
    codes.push(await run('node_modules/tsx/dist/cli.mjs', 'scripts/bundle-client.ts'))
  }
  if (codes.some((code) => code !== 0)) {
    say('The build failed; nothing older is run in its place.')
    process.exitCode = 1
    return
  }
  await precompress(`${root}packages/dashboard/dist`)
  tree.removeOrphans()
  bringPackages(root)
  // Of before the build: what was edited meanwhile is built the next time.
  tree.writeStamp(inputs)
}

/** Runs a tool in the root and resolves to its exit code; ends with us. */
const run = (script, ...args) =>
  new Promise((resolve) => {
    const child = spawn(process.execPath, [script, ...args], { cwd: root, stdio: 'inherit' })
    const end = () => child.kill()
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, end)
    child.once('error', () => resolve(1))
    child.once('exit', (code) => {
      for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.off(signal, end)
      resolve(code ?? 1)
    })
  })

// Not on stdout: `npm run --silent demo | ...` pipes what the program prints.
const say = (sentence) => process.stderr.write(`${sentence}\n`)

await main()
