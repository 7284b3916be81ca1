import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'

const PEERS = 'benchmarks/peers'
const BINARIES = join(process.cwd(), '.cache', 'bench')
const CENTRIFUGO = 'github.com/centrifugal/centrifugo/v6@v6.9.1'

/** Where `installCentrifugo` puts the program. */
export const CENTRIFUGO_PATH = join(BINARIES, 'centrifugo')

/** Installs the peers that are npm packages into their own folder, unless that has been done since the lockfile changed. */
export const installPeers = (): void => {
  const installed = join(PEERS, 'node_modules', '.package-lock.json')
  const isCurrent =
    existsSync(installed) &&
    statSync(installed).mtimeMs >= statSync(join(PEERS, 'package-lock.json')).mtimeMs
  if (isCurrent) return
  console.log(`Installing the peers into ${PEERS}/node_modules, which happens once.`)
  // None of them needs a script of its own.
  execFileSync('npm', ['ci', '--ignore-scripts'], { cwd: PEERS, stdio: 'inherit' })
}

/** Builds Centrifugo with Go; where that cannot be done, returns the sentence that says why. */
export const installCentrifugo = (): string | undefined => {
  if (existsSync(CENTRIFUGO_PATH)) return undefined
  try {
    execFileSync('go', ['version'], { stdio: 'pipe' })
  } catch {
    return 'Centrifugo is left out, because Go, which builds it, is not installed.'
  }
  console.log('Building Centrifugo, which happens once and takes some minutes.')
  try {
    execFileSync('go', ['install', CENTRIFUGO], {
      env: { ...process.env, GOBIN: BINARIES, GOFLAGS: '-mod=mod' },
      stdio: ['ignore', 'inherit', 'pipe'],
    })
    return undefined
  } catch (error) {
    const reason = String((error as { stderr?: unknown }).stderr ?? error)
    return `Centrifugo is left out, because \`go install ${CENTRIFUGO}\` failed: ${reason.trim().split('\n').at(-1) ?? ''}`
  }
}

/** Where `compileWrite` puts the program. */
export const WRITE_PATH = join(BINARIES, 'write')

/** Compiles `write.c` of the peers; where that cannot be done, returns the sentence that says why. */
export const compileWrite = (): string | undefined => {
  mkdirSync(BINARIES, { recursive: true })
  try {
    execFileSync('cc', ['-O2', '-o', WRITE_PATH, join(PEERS, 'write.c')], { stdio: 'pipe' })
    return undefined
  } catch {
    return 'write(2) from C is left out, because `cc`, which compiles it, is not installed.'
  }
}

/** Versions of all peers, and of what runs them. */
export const versionsOf = (hasCentrifugo: boolean): Readonly<Record<string, string>> => {
  const manifest = readFileSync(join(PEERS, 'package.json'), 'utf8')
  const { dependencies } = JSON.parse(manifest) as { readonly dependencies: Record<string, string> }
  const picked = ['socket.io', 'ws', '@nestjs/core', 'socketcluster-server', 'jsonwebtoken']
  return {
    Node: process.version,
    ...Object.fromEntries(picked.map((name) => [name, dependencies[name] ?? 'none'])),
    ...(hasCentrifugo ? { centrifugo: CENTRIFUGO.split('@')[1] ?? '' } : {}),
  }
}
