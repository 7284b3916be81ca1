import { useEffect, useId, useRef, type ReactElement, type ReactNode } from 'react'
import { commonWords } from '../i18n/common-words.js'
import { useWords } from '../i18n/use-words.js'
import { Button } from './button.js'
import { focusHeading } from './focus.js'

interface DialogProps {
  readonly title: string
  /** Escape, the cross, or what the caller does. */
  readonly onClose: () => void
  readonly children: ReactNode
}

/**
 * A question that has to be answered first; a sheet from below on a phone. Draw it to open it, draw it no more to close it.
 * The focus goes to what has `data-autofocus`, else to the first control; and afterwards back to where it came from, or to the view's heading where that is gone.
 */
export const Dialog = ({ title, onClose, children }: DialogProps): ReactElement => {
  const { close } = useWords(commonWords)
  const id = useId()
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => {
    const opener = document.activeElement
    const shown = dialog.current
    // Outside of the document, while the page is locked, it cannot be opened: the lock does that when it shows it.
    if (shown?.isConnected === true && !shown.open) shown.showModal()
    shown?.querySelector<HTMLElement>('[data-autofocus]')?.focus()
    return () => {
      shown?.close()
      if (opener instanceof HTMLElement && opener.isConnected && opener !== document.body) {
        opener.focus()
      } else focusHeading()
    }
  }, [])
  return (
    <dialog
      ref={dialog}
      className="dialog"
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault()
        onClose()
      }}
    >
      <div className="dialog-frame">
        <div className="dialog-head">
          <h2 id={id}>{title}</h2>
          <Button kind="quiet" aria-label={close} onClick={onClose}>
            <span aria-hidden>✕</span>
          </Button>
        </div>
        <div className="dialog-body">{children}</div>
      </div>
    </dialog>
  )
}
