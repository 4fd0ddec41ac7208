/** Why the broker library ended a connection, in our words. */
export type Fault =
  | 'connection:connect_timeout'
  | 'connection:keepalive_timeout'
  | 'connection:lost'
  | 'packet:malformed'
  | 'slow_reader'

const BY_MESSAGE: Readonly<Record<string, Fault>> = {
  'connect did not arrive in time': 'connection:connect_timeout',
  'keep alive timeout': 'connection:keepalive_timeout',
  'drain timeout': 'slow_reader',
  'connection closed': 'connection:lost',
}

/** Reads the library's error. Errors of the operating system have a code; what is left is a packet it could not accept. */
export function faultOf(error: Error): Fault {
  const known = Object.hasOwn(BY_MESSAGE, error.message) ? BY_MESSAGE[error.message] : undefined
  if (known !== undefined) return known
  return 'code' in error && typeof error.code === 'string' ? 'connection:lost' : 'packet:malformed'
}
