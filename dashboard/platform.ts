/** The browser's clock, storage and machine: the only file of the page that touches them. */

/** Milliseconds since 1970. */
export const nowMs = (): number => Date.now()

/** Runs something later. @returns takes it back */
export function later(run: () => void, delayMs: number): () => void {
  const timer = setTimeout(run, delayMs)
  return () => clearTimeout(timer)
}

/** Runs something again and again. @returns ends it */
export function every(run: () => void, periodMs: number): () => void {
  const timer = setInterval(run, periodMs)
  return () => clearInterval(timer)
}

/** Texts that live as long as the tab. */
export const tabStorage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'> = sessionStorage

/** Texts that outlive the tab, in this browser. */
export const browserStorage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'> = localStorage

/** Puts a text on the clipboard. @returns whether the browser did */
export async function copyText(text: string): Promise<boolean> {
  // Pages that are not served over TLS, nor from this machine, have no clipboard; a selection that is copied is what is left.
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    return copySelected(text)
  }
}

/** Hands a file to whoever looks at the page. */
export function saveFile(name: string, content: Blob): void {
  const url = URL.createObjectURL(content)
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  later(() => URL.revokeObjectURL(url), 10_000)
}

/** Opens the browser's print dialog. */
export const printPage = (): void => print()

function copySelected(text: string): boolean {
  const field = document.createElement('textarea')
  field.value = text
  field.className = 'visually-hidden'
  // Inside an open dialog, since nothing else may have the focus while it is.
  const place = document.querySelector('dialog[open]') ?? document.body
  place.append(field)
  field.select()
  const done = document.execCommand('copy')
  field.remove()
  return done
}
