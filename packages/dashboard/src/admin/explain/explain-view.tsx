import { useUzima } from '@uzima/client/react'
import type { Explanation } from '@uzima/contracts'
import { useEffect, useState, type ReactElement } from 'react'
import { commonWords } from '../../i18n/common-words.js'
import { useWords } from '../../i18n/use-words.js'
import { go, hrefOf } from '../../shell/address.js'
import type { ViewProps } from '../../shell/part.js'
import { Banner } from '../../ui/banner.js'
import { Button } from '../../ui/button.js'
import { QuantityField, SelectField } from '../../ui/field.js'
import { Spinner } from '../../ui/surfaces.js'
import { ActionError } from '../action-error.js'
import { AdminFrame } from '../admin-frame.js'
import { useUsers } from '../users/use-users.js'
import { explainWords } from './explain-words.js'
import { ExplanationCards } from './explanation-cards.js'

/** Asks what became of one change for one person; both stand in the address, so that the answer can be sent to somebody. */
export const ExplainView = ({ query }: ViewProps): ReactElement => {
  const words = useWords(explainWords)
  const { loading } = useWords(commonWords)
  const { value: users = [] } = useUsers()
  const user = query.get('user') ?? ''
  const seq = query.get('seq') ?? ''
  const [chosen, setChosen] = useState(user)
  const [number, setNumber] = useState(seq)
  const [again, setAgain] = useState(0)
  const { answer, error, busy } = useExplanation(user, seq, again)
  const isKnown = chosen === '' || users.some(({ id }) => id === chosen)
  return (
    <AdminFrame view="explain">
      <p className="muted">{words.intro}</p>
      <form
        className="admin-filters explain-question"
        onSubmit={(event) => {
          event.preventDefault()
          // The same question again has the same address: what was not yet on record may be by now.
          if (chosen === user && number === seq) setAgain(again + 1)
          else go(hrefOf(['admin', 'explain'], { user: chosen, seq: number }))
        }}
      >
        <SelectField
          label={words.user}
          required
          value={chosen}
          onValue={setChosen}
          options={[
            { value: '', label: '–' },
            // One who is gone has left his records.
            ...(isKnown ? [] : [{ value: chosen, label: chosen.slice(0, 8) }]),
            ...users.map(({ id, username }) => ({ value: id, label: username })),
          ]}
        />
        <QuantityField
          label={words.seq}
          hint={words.seqHint}
          required
          value={number}
          onValue={setNumber}
        />
        <Button type="submit" kind="primary" busy={busy}>
          {words.ask}
        </Button>
      </form>
      {busy && <Spinner label={loading} />}
      {error !== undefined && (
        <Banner kind="error" title={words.failed}>
          <ActionError error={error} />
        </Banner>
      )}
      {answer !== undefined && <ExplanationCards answer={answer} />}
    </AdminFrame>
  )
}

interface State {
  readonly answer?: Explanation
  readonly error?: unknown
  readonly busy: boolean
}

const useExplanation = (user: string, seq: string, again: number): State => {
  const { rest } = useUzima()
  const [state, setState] = useState<State>({ busy: false })
  useEffect(() => {
    if (user === '' || seq === '') return
    let isOver = false
    setState({ busy: true })
    rest.explain({ userId: user, seq: Number(seq) }).then(
      (answer) => {
        if (!isOver) setState({ answer, busy: false })
      },
      (error: unknown) => {
        if (!isOver) setState({ error, busy: false })
      },
    )
    return () => {
      isOver = true
    }
  }, [rest, user, seq, again])
  return state
}
