#!/usr/bin/env node
// What `npx uzima-realtime` runs in an empty folder: the server, or, with a command, that one.
if (process.argv.length === 2) process.argv.push('serve')
await import('./cli.js')
