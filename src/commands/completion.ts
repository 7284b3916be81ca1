import { Argument, Command } from 'commander'
import { examples } from './examples.js'

const SHELLS = ['bash', 'zsh', 'fish'] as const
type Shell = (typeof SHELLS)[number]

/** `uzima completion <shell>`: a script for the shell, made from the commands themselves. */
export const completionCommand = (program: Command): Command =>
  new Command('completion')
    .description('print a script that completes commands and options in a shell')
    .addArgument(new Argument('<shell>').choices(SHELLS))
    .addHelpText(
      'after',
      examples(
        ['eval "$(uzima completion bash)"', 'in ~/.bashrc; with zsh in ~/.zshrc, after compinit'],
        ['uzima completion fish > ~/.config/fish/completions/uzima.fish', 'for fish'],
      ),
    )
    .action((shell: Shell) => {
      console.log(shell === 'fish' ? fishScript(program) : bashScript(program, shell))
    })

interface Place {
  /** Words that lead there, `user add`; empty at the beginning. */
  readonly path: string
  readonly commands: readonly Command[]
  readonly options: readonly { readonly name: string; readonly description: string }[]
  readonly choices: readonly string[]
}

const placesOf = (command: Command, path = ''): Place[] => [
  {
    path,
    commands: command.commands,
    options: [
      ...command.options.map(({ long, description }) => ({ name: long ?? '', description })),
      { name: '--help', description: 'display help for command' },
    ],
    choices: command.registeredArguments.flatMap(({ argChoices }) => argChoices ?? []),
  },
  ...command.commands.flatMap((child) => placesOf(child, `${path} ${child.name()}`.trim())),
]

/** One table of words by place; zsh understands it through its own emulation. */
const bashScript = (program: Command, shell: 'bash' | 'zsh'): string => {
  const cases = placesOf(program).map(({ path, commands, options, choices }) => {
    const words = [
      ...commands.map((child) => child.name()),
      ...choices,
      ...options.map(({ name }) => name),
    ]
    return `    '${path}') words='${words.join(' ')}' ;;`
  })
  return [
    ...(shell === 'zsh' ? ['autoload -U +X bashcompinit && bashcompinit'] : []),
    '_uzima() {',
    `  local path='' word words='' i`,
    '  for ((i = 1; i < COMP_CWORD; i++)); do',
    '    word="${COMP_WORDS[i]}"',
    '    case "$path${path:+ }$word" in',
    `      ${placesOf(program)
      .filter(({ path }) => path !== '')
      .map(({ path }) => `'${path}'`)
      .join('|')}) path="$path\${path:+ }$word" ;;`,
    '    esac',
    '  done',
    '  case "$path" in',
    ...cases,
    '  esac',
    '  COMPREPLY=($(compgen -W "$words" -- "${COMP_WORDS[COMP_CWORD]}"))',
    '}',
    'complete -o default -F _uzima uzima',
  ].join('\n')
}

const fishScript = (program: Command): string =>
  [
    'complete -c uzima -f',
    ...placesOf(program).flatMap(({ path, commands, options, choices }) => {
      const names = commands.map((child) => child.name()).join(' ')
      const seen = path.split(' ').filter((word) => word !== '')
      const where = [
        ...seen.map((word) => `__fish_seen_subcommand_from ${word}`),
        ...(names === '' ? [] : [`not __fish_seen_subcommand_from ${names}`]),
      ].join('; and ')
      const line = (what: string, description: string): string =>
        `complete -c uzima -n '${where}' ${what} -d '${description.replaceAll("'", String.raw`\'`)}'`
      return [
        ...commands.map((child) => line(`-a ${child.name()}`, child.description())),
        ...choices.map((choice) => line(`-a ${choice}`, '')),
        ...options.map(({ name, description }) => line(`-l ${name.slice(2)}`, description)),
      ]
    }),
  ].join('\n')
