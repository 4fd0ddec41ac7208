/** Addresses of places in the page. */

/** The address of a place in the page. */
export function linkTo(...parts: readonly string[]): string {
  return `#/${parts.map(encodeURIComponent).join('/')}`
}

/** The address of a place, with what is chosen there. */
export function linkWith(parts: readonly string[], chosen: Readonly<Record<string, string>>): string {
  return `${linkTo(...parts)}?${new URLSearchParams(chosen)}`
}
