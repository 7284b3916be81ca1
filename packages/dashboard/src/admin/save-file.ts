import type { Language } from '../i18n/language.js'

/** Hands a text file to the browser to save. */
export const saveFile = (name: string, parts: readonly string[]): void => {
  const url = URL.createObjectURL(new Blob([...parts], { type: 'text/csv;charset=utf-8' }))
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  // Not at once: the browser reads it after the click.
  setTimeout(() => {
    URL.revokeObjectURL(url)
  }, 60_000)
}

/** What a spreadsheet of this language splits a file by. */
export const separatorFor = (language: Language): ',' | ';' => (language === 'fr' ? ';' : ',')

/** A day of this device for the name of a file, `YYYY-MM-DD`. */
export const dayForName = (at: number): string => {
  const day = new Date(at)
  const two = (value: number): string => value.toString().padStart(2, '0')
  return `${day.getFullYear().toString()}-${two(day.getMonth() + 1)}-${two(day.getDate())}`
}
