import type { StockState } from '@uzima/client'
import { createContext, use, useEffect, useState, useSyncExternalStore } from 'react'
import type { Dashboard, DashboardState } from './dashboard.js'

export const DashboardContext = createContext<Dashboard | null>(null)

/** Gives the page's wiring; only below `DashboardContext`. */
export const useDashboard = (): Dashboard => {
  const dashboard = use(DashboardContext)
  if (dashboard === null) throw new TypeError('useDashboard needs a DashboardContext above it')
  return dashboard
}

/** Draws again when the picked part of the page's state changes. */
export const useDashboardState = <T>(pick: (state: DashboardState) => T): T => {
  const { store } = useDashboard()
  return useSyncExternalStore(store.subscribe, () => pick(store.get()))
}

/** Draws again when the stock changes, at most once a frame. */
export const useStock = (): StockState => {
  const { stock } = useDashboard()
  return useSyncExternalStore(stock.subscribe, stock.state)
}

/** The time, moving on by itself each `everyMs`. */
export const useNow = (everyMs: number): number => {
  const [now, setNow] = useState(Date.now)
  useEffect(() => {
    const timer = setInterval(() => {
      setNow(Date.now())
    }, everyMs)
    return () => {
      clearInterval(timer)
    }
  }, [everyMs])
  return now
}
