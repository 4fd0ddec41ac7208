import type { IncomingHttpHeaders } from 'node:http'

/** Fetched by the page itself, or typed by whoever sits there. */
const OWN_SITES: readonly unknown[] = ['same-origin', 'none']

/**
 * Whether a page of another site makes a browser send this. Tokens are never sent by a browser of its own accord, so such a request could do
 * nothing; it is refused all the same. Programs send neither header.
 * @see https://www.w3.org/TR/fetch-metadata/
 */
export function isForeign(headers: IncomingHttpHeaders): boolean {
  const { origin, host } = headers
  const site = headers['sec-fetch-site']
  if (site !== undefined && !OWN_SITES.includes(site)) return true
  return origin !== undefined && origin !== `http://${host}` && origin !== `https://${host}`
}
