import react from '@vitejs/plugin-react'
import { defaultClientConditions, defineConfig } from 'vite'

const server = 'http://localhost:3000'

export default defineConfig({
  plugins: [react()],
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
    rolldownOptions: { checks: { pluginTimings: false } },
  },
  server: { proxy: { '/api': server, '/socket.io': { target: server, ws: true } } },
})
