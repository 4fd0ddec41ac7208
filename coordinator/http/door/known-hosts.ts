/**
 * Which names a server on a loopback address may be called by. A page from elsewhere can have its own name point to 127.0.0.1 and then
 * reads what it is answered as if it were its own (DNS rebinding); the name stays in the Host header.
 */

const LOOPBACK_NAMES = ['localhost', '127.0.0.1', '[::1]']

/** Whether an address reaches this machine alone. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.')
}

/**
 * @param host - the address that is listened on
 * @param publicHost - the name that devices are told
 * @returns whether a Host header is one of the server's own names; every header is when others than this machine can reach it, since they
 *   cannot be known all
 */
export function knownHosts(host: string, publicHost: string = host): (header: string | undefined) => boolean {
  if (!isLoopback(host)) return () => true
  const bracketed = [host, publicHost].map(name => (name.includes(':') && !name.startsWith('[') ? `[${name}]` : name))
  const names = new Set([...LOOPBACK_NAMES, ...bracketed.map(name => name.toLowerCase())])
  return header => header !== undefined && names.has(header.toLowerCase().replace(/:\d{1,5}$/, ''))
}
