/** `+30`, `−12`: with the sign that is as wide as the plus. */
export const signed = (delta: number, number: (value: number) => string): string =>
  delta < 0 ? `−${number(-delta)}` : `+${number(delta)}`
