import type { Command } from 'commander'
import { FAILURE_CODES } from '../../src/commands/failure.js'
import { createProgram } from '../../src/commands/program.js'

/** docs/command-line.md: what `--help` of each command says, so that the two cannot differ. */
export const commandLine = (): string => {
  const program = createProgram(() => Promise.resolve())
  return `
# Command line

\`npx uzima <command>\` in the folder of the service, with the settings of the server in the environment
([configuration.md](configuration.md)). Source: \`src/commands\`.

## How commands reach the service

| commands | way |
| --- | --- |
| \`connections\`, \`disconnect\`, \`top\`, \`listen\`, \`send\`, \`revocation\`, \`demo\` | through a running server: the one that \`UZIMA_URL\` or \`--url\` names, else the one on \`DATA_DIR\` or on \`PORT\` of this machine |
| \`user\`, \`revoke\`, \`token\`, \`audit list\`, \`audit key\`, \`audit checkpoint\`, \`log head\`, \`log epoch\` | through the server where \`UZIMA_URL\` names one, or where one has the embedded database; else in the database itself, with the rights of whoever runs the command |
| \`migrate\`, \`audit verify\`, \`audit export\`, \`log epoch --new\`, \`stock\`, \`export\` | in the database itself. Beside running nodes with \`DATABASE_URL\`; with the embedded database the server has to be stopped, and the command says so |
| \`backup\`, \`restore\`, \`move\` | in the folder of the embedded database: \`backup\` beside its server, the others without one |
| \`audit verify --export\`, \`audit answer\` | in three files alone: no server, no database, no setting |
| \`update\` | in the folder that \`deploy/clinic/install.sh\` has made, through what starts there in place of the server |
| \`https\` | in DATA_DIR, beside a running server or without one |
| \`doctor\` | looks at all of it, and changes nothing |

A running server is asked with \`UZIMA_TOKEN\`, with \`--token-file\`, or after a log-in by \`--username\`. Without any of them the
command signs a token as administrator with the key of this machine, and sends it to this machine only. No secret is an
argument of a command.

## Exit codes and errors

| exit code | when |
| --- | --- |
| 0 | done; of \`doctor\`: nothing fails, though something may be worth a look |
| 1 | failed, or a check has found something wrong: one sentence on standard error says what to do |
| 2 | the command was not understood |
| 3 | \`serve\` only: a third signal did not wait for the end |

With \`--json\` standard output has one JSON document, or one a line where the help says so, and an error is
\`{"error":{"code","message"}}\` as the last line of standard error. Codes are those of [errors.md](errors.md), where the service
refused, and these:

| code | when |
| --- | --- |
${Object.entries(FAILURE_CODES)
  .map(([code, when]) => `| \`${code}\` | ${when} |`)
  .join('\n')}

${sections(program, '')}
`
}

const sections = (parent: Command, path: string): string =>
  parent.commands
    .map((command) => {
      const name = `${path} ${command.name()}`.trim()
      return command.commands.length > 0
        ? sections(command, name)
        : `## uzima ${name}\n\n\`\`\`text\n${helpOf(command)}\n\`\`\``
    })
    .join('\n\n')

const helpOf = (command: Command): string => {
  let text = ''
  command.configureOutput({
    writeOut: (written) => {
      text += written
    },
  })
  command.outputHelp()
  return text.trim()
}
