import type { Page } from 'playwright-core'

const GROUP_SEPARATOR = '\u001d'

/**
 * Types `code` and Enter as a scanner does, one key each 10 ms by the events' own times: how busy this machine is makes no
 * person of it.
 */
export const scan = async (page: Page, code: string): Promise<void> => {
  const session = await page.context().newCDPSession(page)
  const start = Date.now() / 1000
  const keys = [...Array.from(code), 'Enter']
  for (const [index, key] of keys.entries()) {
    const timestamp = start + index * 0.01
    await session.send('Input.dispatchKeyEvent', { type: 'keyDown', timestamp, ...stroke(key) })
    await session.send('Input.dispatchKeyEvent', { type: 'keyUp', timestamp, ...stroke(key) })
  }
  await session.detach()
}

const CTRL = 2

const stroke = (key: string) => {
  if (key === 'Enter') return { key, code: key, text: '\r', windowsVirtualKeyCode: 13 }
  // What a keyboard has for it.
  if (key === GROUP_SEPARATOR) return { key: ']', code: 'BracketRight', modifiers: CTRL }
  return { key, text: key }
}
