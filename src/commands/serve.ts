import { Command } from 'commander'

/** `uzima serve`: runs the server, which the process is given as a function, until SIGTERM or Ctrl-C. */
export const serveCommand = (serve: () => Promise<unknown>): Command =>
  new Command('serve')
    .description('run the server; settings are environment variables, see docs/configuration.md')
    .action(async () => {
      await serve()
    })
