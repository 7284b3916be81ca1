import react from '@vitejs/plugin-react'
import { defaultClientConditions, defineConfig } from 'vite'
import { precache } from './vite.precache.js'

const server = 'http://localhost:3000'

export default defineConfig({
  plugins: [react(), precache()],
  // Behind a proxy the page may lie below a prefix that only the proxy knows.
  base: './',
  // Workspace packages are taken from their sources, so that no build has to come first.
  resolve: { conditions: ['source', ...defaultClientConditions] },
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    // No inline script and no data: URL: the page's Content-Security-Policy allows neither.
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 700,
    // How long plugins take depends on what else the machine does; it is nothing to act on.
    rolldownOptions: {
      input: { page: 'index.html', 'service-worker': 'src/offline/service-worker.ts' },
      output: {
        // A worker is known by its address, and must lie in the folder that it answers for.
        entryFileNames: ({ name }) =>
          name === 'service-worker' ? '[name].js' : 'assets/[name]-[hash].js',
      },
      checks: { pluginTimings: false },
    },
  },
  server: { proxy: { '/api': server, '/socket.io': { target: server, ws: true } } },
})
