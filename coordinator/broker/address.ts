/**
 * What counts as one address when connections are capped: an IPv4 address, or the /64 of an IPv6 address, since a single
 * customer is given at least that many addresses (RFC 6177 §2).
 * @param address - as `net.Socket.remoteAddress` gives it
 */
export function addressKey(address: string): string {
  const plain = address.replace(/%.*$/, '')
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(plain)?.[1]
  if (mapped !== undefined) return mapped
  if (!plain.includes(':')) return plain
  const [head = '', tail = ''] = plain.split('::')
  const left = groupsOf(head)
  const right = groupsOf(tail)
  const zeros = new Array<string>(Math.max(0, 8 - left.length - right.length)).fill('0')
  return `${[...left, ...zeros, ...right].slice(0, 4).join(':')}::/64`
}

function groupsOf(text: string): string[] {
  return text === '' ? [] : text.split(':')
}
