import type { ReactElement, ReactNode } from 'react'
import { PARTS } from './parts.js'

/** Puts the guards of all parts around the page, the first part's outermost. */
export const Guarded = ({ children }: { readonly children: ReactNode }): ReactElement => (
  <>
    {PARTS.reduceRight<ReactNode>(
      (inside, { guard: Guard }) => (Guard === undefined ? inside : <Guard>{inside}</Guard>),
      children,
    )}
  </>
)
