import {
  Component,
  lazy,
  Suspense,
  type ComponentType,
  type ReactElement,
  type ReactNode,
} from 'react'
import { commonWords } from '../i18n/common-words.js'
import { useWords } from '../i18n/use-words.js'
import { Button } from '../ui/button.js'
import { EmptyState, Spinner, ViewTitle } from '../ui/surfaces.js'
import { useAddress } from './address.js'
import { VIEWS, type Place } from './navigation.js'
import type { ViewProps } from './part.js'
import { shellWords } from './shell-words.js'

const LOADED: ReadonlyMap<string, ComponentType<ViewProps>> = new Map(
  VIEWS.map(({ id, load }) => [id, lazy(async () => ({ default: await load() }))]),
)

/** Draws one view: its script as it comes, and a way out where it stops working. */
export const ViewFrame = ({ place }: { readonly place: Place }): ReactElement => {
  const { query } = useAddress()
  const { loading } = useWords(commonWords)
  const { view, params } = place
  const View = LOADED.get(view.id)
  if (View === undefined) throw new TypeError(`No view is called ${view.id}`)
  return (
    <Failsafe key={view.id}>
      <Suspense fallback={<Spinner label={loading} />}>
        <View params={params} query={query} />
      </Suspense>
    </Failsafe>
  )
}

/** A view that throws, or whose script did not come, takes nothing else with it. */
class Failsafe extends Component<{ readonly children: ReactNode }, { readonly broken: boolean }> {
  override state = { broken: false }

  static getDerivedStateFromError = (): { broken: boolean } => ({ broken: true })

  override render(): ReactNode {
    if (!this.state.broken) return this.props.children
    return (
      <Broken
        onRetry={() => {
          this.setState({ broken: false })
        }}
      />
    )
  }
}

const Broken = ({ onRetry }: { readonly onRetry: () => void }): ReactElement => {
  const words = useWords(shellWords)
  const { tryAgain } = useWords(commonWords)
  return (
    <div role="alert">
      <ViewTitle>{words.brokenTitle}</ViewTitle>
      <EmptyState sign="✕" title={words.brokenTitle} detail={words.brokenDetail}>
        <Button kind="primary" onClick={onRetry}>
          {tryAgain}
        </Button>
      </EmptyState>
    </div>
  )
}
