/** The address that signs in: `…/#token=<token>`, as `hedgerow dashboard --token` prints it. */
import { effect } from '@preact/signals'
import { address, replaceAddress } from '../router.ts'
import { keepToken } from './session.ts'
import { tokenInAddress } from './token-address.ts'

/**
 * Takes a token out of the address as soon as one is there, and keeps it. What follows `#` is never sent to anybody, and nothing of it
 * stays in the address or in the history. @returns ends it
 */
export function takeTokenFromAddress(): () => void {
  return effect(() => {
    const found = tokenInAddress(address.value)
    if (found === null) return
    replaceAddress('#/')
    keepToken(found)
  })
}
