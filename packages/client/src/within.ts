/** The result of `work`; rejects where it takes longer than so many milliseconds. */
export const within = <T>(limitMs: number, work: Promise<T>): Promise<T> => {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`Not done in ${limitMs.toString()} ms`))
    }, limitMs)
  })
  return Promise.race([work, late]).finally(() => {
    clearTimeout(timer)
  })
}
