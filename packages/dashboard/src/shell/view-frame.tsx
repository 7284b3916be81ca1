import { lazy, Suspense, type ComponentType, type ReactElement } from 'react'
import { commonWords } from '../i18n/common-words.js'
import { useWords } from '../i18n/use-words.js'
import { Spinner } from '../ui/surfaces.js'
import { addressOf, useAddress } from './address.js'
import { Failsafe } from './failsafe.js'
import { placeAt, VIEWS, type Place } from './navigation.js'
import type { ViewProps } from './part.js'

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

/** Loads the view that the address names while somebody still types the password. */
export const preloadView = (): void => {
  placeAt(VIEWS, addressOf(location.hash))
    ?.view.load()
    // It is asked for again when it is drawn, and what is wrong is told there.
    .catch(() => undefined)
}
