import { Command } from 'commander'
import { serve } from '../serve.js'

/** `uzima serve`: runs the server until SIGTERM or Ctrl-C. */
export const serveCommand = (): Command =>
  new Command('serve')
    .description('run the server; settings are environment variables, see docs/configuration.md')
    .action(serve)
