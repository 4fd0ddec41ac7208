/** Which devices may be in the same hands, by where they connect from: as far as an address tells, which is not far. */

/** IPv4 addresses are told apart by /24, IPv6 ones by /48: what one customer is given at most (RFC 6177). */
const IPV6_GROUPS = 3

/**
 * The network of an address; `private` for all that are not reachable from elsewhere, since nobody can tell those networks apart.
 * @param addressKey - as the broker's `addressKey` gives it: an IPv4 address, or the /64 of an IPv6 address
 * @returns such as `203.0.113.0/24`, `2001:db8:7::/48` or `private`; empty for an empty key
 */
export function networkOf(addressKey: string): string {
  if (addressKey === '') return ''
  if (addressKey.includes(':')) {
    const groups = addressKey.split('/')[0]?.split(':') ?? []
    const [head = ''] = groups
    // Loopback and unspecified begin with zeros; fc00::/7 is unique local, fe80::/10 link-local (RFC 4193, RFC 4291).
    if (/^(0*|f[cd].*|fe[89ab].)$/i.test(head)) return 'private'
    return `${groups.slice(0, IPV6_GROUPS).join(':')}::/48`
  }
  const [a = 0, b = 0, c = 0] = addressKey.split('.').map(Number)
  const isPrivate =
    a === 10 || a === 127 || (a === 192 && b === 168) || (a === 172 && b >= 16 && b < 32) || (a === 169 && b === 254)
  return isPrivate ? 'private' : `${a}.${b}.${c}.0/24`
}
