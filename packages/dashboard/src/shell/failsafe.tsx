import { Component, type ReactElement, type ReactNode } from 'react'
import { commonWords } from '../i18n/common-words.js'
import { useWords } from '../i18n/use-words.js'
import { Button } from '../ui/button.js'
import { EmptyState, ViewTitle } from '../ui/surfaces.js'
import { shellWords } from './shell-words.js'

/** What throws below it, or whose script did not come, takes nothing else with it. */
export class Failsafe extends Component<
  { readonly children: ReactNode },
  { readonly broken: boolean }
> {
  override state = { broken: false }

  static getDerivedStateFromError = (): { broken: boolean } => ({ broken: true })

  override render(): ReactNode {
    return this.state.broken ? <Broken /> : this.props.children
  }
}

const Broken = (): ReactElement => {
  const words = useWords(shellWords)
  const { tryAgain } = useWords(commonWords)
  return (
    <div role="alert">
      <ViewTitle>{words.brokenTitle}</ViewTitle>
      <EmptyState sign="✕" title={words.brokenTitle} detail={words.brokenDetail}>
        <Button
          kind="primary"
          onClick={() => {
            // The whole page: after a new version of the server its old scripts are not there any more.
            location.reload()
          }}
        >
          {tryAgain}
        </Button>
      </EmptyState>
    </div>
  )
}
