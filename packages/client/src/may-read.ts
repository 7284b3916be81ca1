import { realtimeErrorFrom } from './errors.js'

/** What `read` gives; null where the service says that this role may not. The service alone knows what a role may. */
export const unlessForbidden = async <T>(read: () => Promise<T>): Promise<T | null> => {
  try {
    return await read()
  } catch (thrown) {
    const error = realtimeErrorFrom(thrown, 'NETWORK_ERROR')
    if (error.fromService && error.status === 403) return null
    throw error
  }
}
