import { useEffect, type RefObject } from 'react'

/**
 * `/` and Ctrl-F put the cursor into `field`: the browser's own search would find only the rows on the screen. Pressed again in
 * the field, Ctrl-F is the browser's.
 */
export const useSearchKeys = (field: RefObject<HTMLInputElement | null>): void => {
  useEffect(() => {
    const listen = (event: KeyboardEvent): void => {
      const input = field.current
      if (input === null || event.defaultPrevented || event.altKey) return
      if (input.closest('[hidden]') !== null || document.querySelector('dialog[open]') !== null)
        return
      const { target } = event
      const typing = target instanceof HTMLElement && target.matches('input, select, textarea')
      const isFind = (event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'f'
      const isSlash = event.key === '/' && !typing && !event.ctrlKey && !event.metaKey
      if ((!isFind && !isSlash) || document.activeElement === input) return
      event.preventDefault()
      input.focus()
      input.select()
    }
    addEventListener('keydown', listen)
    return () => {
      removeEventListener('keydown', listen)
    }
  }, [field])
}
