/** Whether the browser has promised not to throw away what this page keeps; `asking` until it has answered. */
export type StoragePromise = 'asking' | 'kept' | 'not_kept'

/** Asks the browser to keep this page's data. Some ask the person: call it when there is something to keep. */
export const keepStorage = async (): Promise<StoragePromise> => {
  // Absent where the address is not secure; the compiler takes it for always there.
  const { storage } = navigator as { readonly storage?: StorageManager }
  if (storage === undefined) return 'not_kept'
  try {
    return (await storage.persist()) ? 'kept' : 'not_kept'
  } catch (thrown) {
    // The browser's policy forbids even to ask.
    if (thrown instanceof DOMException || thrown instanceof TypeError) return 'not_kept'
    throw thrown
  }
}
