import { useState, type ReactElement } from 'react'
import { commonWords } from '../i18n/common-words.js'
import { useWords } from '../i18n/use-words.js'
import { Button } from '../ui/button.js'
import { Dialog } from '../ui/dialog.js'
import { countWords } from './count-words.js'

interface DiscardCountProps {
  /** How many lots have a number that is not booked. */
  readonly typed: number
  readonly onDiscard: () => void
}

/** Throws the count away, once one has said so twice. */
export const DiscardCount = ({ typed, onDiscard }: DiscardCountProps): ReactElement => {
  const words = useWords(countWords)
  const { cancel } = useWords(commonWords)
  const [asking, setAsking] = useState(false)
  return (
    <>
      <Button
        kind="quiet"
        onClick={() => {
          setAsking(true)
        }}
      >
        {words.discard}
      </Button>
      {asking && (
        <Dialog
          title={words.discardTitle}
          onClose={() => {
            setAsking(false)
          }}
        >
          <div className="stack">
            <p>{words.discardDetail(typed)}</p>
            <div className="row">
              <Button kind="danger" onClick={onDiscard}>
                {words.discard}
              </Button>
              <Button
                onClick={() => {
                  setAsking(false)
                }}
              >
                {cancel}
              </Button>
            </div>
          </div>
        </Dialog>
      )}
    </>
  )
}
