/** What a person does with a claim, ready to be copied. */

/** A claim's code, and what the machine is to be called. */
export interface NamedClaim {
  readonly code: string
  readonly hostname: string
}

/** What is typed on a machine that has Node. */
export function joinCommand({ code, hostname }: NamedClaim): string {
  return `npx hedgerow device --claim ${code} --label ${hostname}`
}

/** The node description that `hedgerow flash` puts on a card; what is in capitals is the owner's to say. */
export function nodeDescription({ code, hostname }: NamedClaim): string {
  return [
    `hostname: ${hostname}`,
    `claim: ${code}`,
    'country: DE            # yours, in two letters',
    'wifi:                  # leave out with a cable',
    '  ssid: NETWORK',
    '  password: PASSWORD',
    '',
  ].join('\n')
}

/** Whether an address leads nowhere but to the machine it is used on. */
export function isThisMachineOnly(url: string): boolean {
  return /^\w+:\/\/(localhost|127\.[\d.]+|\[::1\])([:/]|$)/.test(url)
}
