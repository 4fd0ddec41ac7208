/** As long as any token of ours, and of letters that an HTTP header may carry. */
const TOKEN_ADDRESS = /^#\/?token=([\w.~+/=-]{1,512})$/

/** The token in what follows the page's address, such as `#token=abc`; null when there is none. */
export function tokenInAddress(hash: string): string | null {
  return TOKEN_ADDRESS.exec(hash)?.[1] ?? null
}
