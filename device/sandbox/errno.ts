/** Error numbers of WASI preview 1. */
export const ERRNO = {
  success: 0,
  badFile: 8,
  fault: 21,
  invalid: 28,
  notImplemented: 52,
  notSupported: 58,
  notSeekable: 70,
} as const
