const KEY = 'uzima.sound'

/** Whether this device makes a sound for new alerts. Default: it does. */
export const isSoundOn = (storage: Pick<Storage, 'getItem'>): boolean =>
  storage.getItem(KEY) !== 'off'

export const setSound = (storage: Pick<Storage, 'setItem'>, on: boolean): void => {
  storage.setItem(KEY, on ? 'on' : 'off')
}

/** Two soft tones, the second higher; in Hz and seconds from now. */
const TONES = [
  { frequency: 660, at: 0 },
  { frequency: 880, at: 0.18 },
] as const
const TONE_S = 0.35
const LOUDNESS = 0.2

/** Gives the function that plays it; browsers allow sound after the first touch only, and are silent until then. */
export const createSound = (): (() => void) => {
  let context: AudioContext | undefined
  return () => {
    context ??= new AudioContext()
    const { currentTime, destination } = context
    // Refused until somebody has touched the page: then there is no sound, and the rest of the alert is there.
    context.resume().catch(() => undefined)
    for (const { frequency, at } of TONES) {
      const start = currentTime + at
      const tone = new OscillatorNode(context, { frequency })
      const volume = new GainNode(context, { gain: 0 })
      volume.gain.setValueAtTime(0, start)
      volume.gain.linearRampToValueAtTime(LOUDNESS, start + 0.02)
      volume.gain.exponentialRampToValueAtTime(0.001, start + TONE_S)
      tone.connect(volume).connect(destination)
      tone.start(start)
      tone.stop(start + TONE_S)
    }
  }
}
