// Shifts the time of day of a node by what the file says, in milliseconds. Timers and the monotonic clock stay right.
import { readFileSync } from 'node:fs'

const file = process.env['HISTORIES_CLOCK_FILE']
const RealDate = Date
let offset = 0

const read = () => {
  offset = Number(readFileSync(file, 'utf8')) || 0
}

if (file !== undefined) {
  read()
  setInterval(read, 100).unref()
  globalThis.Date = class extends RealDate {
    constructor(...args) {
      if (args.length === 0) super(RealDate.now() + offset)
      else super(...args)
    }

    static now() {
      return RealDate.now() + offset
    }
  }
}
