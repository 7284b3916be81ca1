/** A command failed. `code` is for programs that read `--json`, the message for people: what is wrong and what to do. */
export class CommandError extends Error {
  override readonly name = 'CommandError'
  readonly code: string

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
