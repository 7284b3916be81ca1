import { Command } from 'commander'
import { examples } from './examples.js'

/** `uzima serve`: runs the server, which the process is given as a function, until SIGTERM or Ctrl-C. */
export const serveCommand = (serve: () => Promise<unknown>): Command =>
  new Command('serve')
    .description('run the server; settings are environment variables, see docs/configuration.md')
    .addHelpText('after', examples(['PORT=8080 uzima serve', 'all else as it is by default']))
    .action(async () => {
      await serve()
    })
