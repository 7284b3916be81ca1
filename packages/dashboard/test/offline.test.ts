import { describe, expect, it } from 'vitest'
import { cacheName, fileFor, outdated, type PageFile } from '../src/offline/worker-plan.js'

const SCOPE = 'https://clinic.example/stock/'
const files: readonly PageFile[] = [
  { path: './', integrity: 'sha256-aaaa' },
  { path: './assets/app-1.js', integrity: 'sha256-bbbb' },
]
const ask = (url: string, mode: RequestMode = 'cors', method = 'GET'): string | null =>
  fileFor({ url: new URL(url, SCOPE).href, mode, method }, files, SCOPE)

describe('the service worker', () => {
  it('answers for the files of its build, below whatever prefix, and for nothing else', () => {
    expect(ask('./')).toBe(SCOPE)
    expect(ask('./?a=1#/alerts', 'navigate')).toBe(SCOPE)
    expect(ask('./index.html', 'navigate')).toBe(SCOPE)
    expect(ask('./assets/app-1.js')).toBe(`${SCOPE}assets/app-1.js`)
    for (const other of [
      './api/inventory',
      './socket.io/?EIO=4',
      './assets/app-2.js',
      './docs',
      'https://clinic.example/',
      'https://elsewhere.example/stock/',
    ]) {
      expect(ask(other, 'navigate')).toBeNull()
    }
    expect(ask('./', 'cors', 'POST')).toBeNull()
  })

  it('keeps the build before its own, and leaves other folders alone', () => {
    const names = ['1', '2', '3'].map((n) =>
      cacheName([{ path: './', integrity: `sha256-${n.repeat(4)}` }], SCOPE),
    )
    const foreign = [cacheName(files, 'https://clinic.example/'), 'something else']
    expect(outdated([...foreign, ...names], names[2] ?? '', SCOPE)).toEqual([names[0]])
  })
})
