import { Command } from 'commander'

/** `uzima serve`: runs the server until SIGTERM or Ctrl-C. */
export const serveCommand = (): Command =>
  new Command('serve')
    .description('run the server; settings are environment variables, see docs/configuration.md')
    .action(async () => {
      // Loaded on demand: the other commands start in half the time without the server's libraries.
      const { serve } = await import('../serve.js')
      await serve()
    })
