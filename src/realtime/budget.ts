/** A budget of `perSecond`, twice as much at once. Whole numbers only: others are objects, for each of thousands. */
export class Budget {
  readonly #perSecond: number
  /** In thousandths. */
  #left: number
  /** Full until then. */
  #filledAt: number | undefined

  constructor(perSecond: number) {
    this.#perSecond = perSecond
    this.#left = perSecond * 2_000
  }

  /** Spends one of it, or says that there is none. */
  spend(): boolean {
    const now = Math.floor(performance.now())
    const filled = (now - (this.#filledAt ?? now)) * this.#perSecond
    this.#left = Math.min(this.#perSecond * 2_000, this.#left + filled)
    this.#filledAt = now
    if (this.#left < 1_000) return false
    this.#left -= 1_000
    return true
  }
}
