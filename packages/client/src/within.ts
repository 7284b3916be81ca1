/** The result of `work`, or after `limitMs` an error that says `what`. */
export const within = <T>(limitMs: number, work: Promise<T>, what: string): Promise<T> => {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`${what} in ${limitMs.toString()} ms`))
    }, limitMs)
  })
  return Promise.race([work, late]).finally(() => {
    clearTimeout(timer)
  })
}
