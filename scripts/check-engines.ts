/**
 * Checks every locked package against the oldest Node that we name in `engines`: npm itself warns on the running Node only,
 * and whoever installs with the oldest one should see no warning.
 */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { minVersion, satisfies } from 'semver'
import { z } from 'zod'

const engines = z.object({ node: z.string() }).partial()
const manifest = z.object({ engines: engines.required() })
const lockfile = z.object({
  packages: z.record(
    z.string(),
    z.object({ version: z.string().optional(), engines: engines.optional() }),
  ),
})

const main = (): void => {
  const { node } = manifest.parse(parse('package.json')).engines
  const oldest = minVersion(node)?.version ?? ''
  const problems = lockfiles().flatMap((file) => inspect(file, oldest))
  for (const problem of problems) console.error(problem)
  if (problems.length > 0) process.exitCode = 1
}

const lockfiles = (): string[] => {
  const list = execFileSync('git', ['ls-files', '-z', '*package-lock.json'], { encoding: 'utf8' })
  return list.split('\0').filter((file) => file !== '')
}

const inspect = (file: string, oldest: string): string[] => {
  return Object.entries(lockfile.parse(parse(file)).packages)
    .filter(([, locked]) => !satisfies(oldest, locked.engines?.node ?? '*'))
    .map(
      ([path, locked]) =>
        `${file}: ${path} ${locked.version ?? ''} wants Node ${locked.engines?.node ?? ''}, not ${oldest}; pin one that takes it`,
    )
}

const parse = (file: string): unknown => {
  return JSON.parse(readFileSync(file, 'utf8'))
}

main()
