import type { ReactElement, ReactNode } from 'react'
import { commonWords } from '../i18n/common-words.js'
import { useWords } from '../i18n/use-words.js'
import { Button } from '../ui/button.js'
import { Dialog } from '../ui/dialog.js'
import { ActionError } from './action-error.js'
import { useAction } from './use-action.js'

interface ConfirmDialogProps {
  readonly title: string
  /** What it does to whom. */
  readonly detail: string
  /** The name of what is done. */
  readonly label: string
  readonly danger?: boolean
  /** Done when it resolves; the dialog is then closed. */
  readonly onConfirm: () => Promise<void>
  readonly onClose: () => void
  /** What has to be filled in; the whole is a form. */
  readonly children?: ReactNode
}

/** Asks before something that ends what others do. */
export const ConfirmDialog = (props: ConfirmDialogProps): ReactElement => {
  const { title, detail, label, danger = false, onConfirm, onClose, children } = props
  const { cancel } = useWords(commonWords)
  const action = useAction()
  return (
    <Dialog title={title} onClose={onClose}>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault()
          action.run(async () => {
            await onConfirm()
            onClose()
          })
        }}
      >
        <p>{detail}</p>
        {children}
        <ActionError error={action.error} />
        <div className="row">
          <Button type="submit" kind={danger ? 'danger' : 'primary'} busy={action.busy}>
            {label}
          </Button>
          <Button onClick={onClose}>{cancel}</Button>
        </div>
      </form>
    </Dialog>
  )
}
