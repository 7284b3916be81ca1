import { readFileSync } from 'node:fs'

/** One line of a container file, in its own words. */
export interface Instruction {
  readonly name: string
  readonly text: string
}

/** What one FROM begins. */
export interface Stage {
  /** Its name, or its number. */
  readonly name: string
  readonly instructions: readonly Instruction[]
}

/** Reads deploy/Dockerfile; it has no line that goes on in the next one. */
export const readDockerfile = (): Stage[] => {
  const stages: { name: string; instructions: Instruction[] }[] = []
  for (const line of readFileSync('deploy/Dockerfile', 'utf8').split('\n')) {
    if (line === '' || line.startsWith('#')) continue
    const [, name = '', text = ''] = /^([A-Z]+) (.+)$/.exec(line) ?? []
    if (name === '' || text.endsWith('\\')) throw new Error(`This is not understood: ${line}`)
    if (name === 'FROM') {
      stages.push({
        name: / AS (\w+)$/.exec(text)?.[1] ?? stages.length.toString(),
        instructions: [],
      })
    } else stages.at(-1)?.instructions.push({ name, text })
  }
  return stages
}

/** `COPY [--from=stage] source... target`. */
export const readCopy = (
  text: string,
): { readonly from?: string; readonly sources: readonly string[]; readonly target: string } => {
  const from = /^--from=(\S+) /.exec(text)?.[1]
  const words = text.replace(/^--from=\S+ /, '').split(' ')
  return {
    ...(from === undefined ? {} : { from }),
    sources: words.slice(0, -1),
    target: words.at(-1) ?? '',
  }
}

/** The texts of one instruction. */
export const textsOf = (stage: Stage | undefined, name: string): string[] =>
  (stage?.instructions ?? []).filter((found) => found.name === name).map(({ text }) => text)

/** What ENV sets. */
export const environmentOf = (stage: Stage | undefined): Record<string, string> =>
  Object.fromEntries(
    textsOf(stage, 'ENV').flatMap((text) =>
      text.split(' ').map((pair) => {
        const [name = '', ...value] = pair.split('=')
        return [name, value.join('=')] as const
      }),
    ),
  )

/** The words of a CMD that is written as JSON. */
export const commandOf = (text: string | undefined): string[] =>
  JSON.parse(/\[.*\]/.exec(text ?? '')?.[0] ?? '[]') as string[]
