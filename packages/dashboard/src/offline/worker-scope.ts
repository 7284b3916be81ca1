/** What the worker uses of its global scope: the compiler knows that of windows only, and has not both at once. */
export interface WorkerScope {
  readonly registration: { readonly scope: string }
  readonly clients: { readonly claim: () => Promise<void> }
  readonly skipWaiting: () => Promise<void>
  readonly addEventListener: <K extends keyof WorkerEvents>(
    type: K,
    listener: (event: WorkerEvents[K]) => void,
  ) => void
}

interface LifeEvent {
  /** Keeps the worker alive until then. */
  readonly waitUntil: (work: Promise<unknown>) => void
}

interface WorkerEvents {
  readonly install: LifeEvent
  readonly activate: LifeEvent
  readonly message: { readonly data: unknown }
  readonly fetch: {
    readonly request: Request
    readonly respondWith: (response: Promise<Response>) => void
  }
}
