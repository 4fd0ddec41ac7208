/** The options of everything that starts a coordinator, as far as they are about TLS. */
import { resolve } from 'node:path'
import type { TlsOptions } from '../coordinator/index.ts'
import { usage } from './args.ts'
import type { Invocation } from './command.ts'

export const TLS_OPTIONS = {
  tls: {
    type: 'flag',
    describe: 'speak TLS, with a certificate of its own that devices know by their claims; see docs/tls.md',
  },
  'tls-cert': { type: 'text', value: 'FILE', describe: 'speak TLS with this certificate, PEM; needs --tls-key' },
  'tls-key': { type: 'text', value: 'FILE', describe: 'the key of that certificate, PEM' },
  'tls-port': {
    type: 'integer',
    value: 'N',
    min: 0,
    max: 65_535,
    describe: 'for MQTT over TLS; 8883 when left out, 0 for a free one',
  },
  'plain-too': { type: 'flag', describe: 'with TLS: MQTT without TLS for the network too, not only for this machine' },
} as const

type TlsInvocation = Pick<Invocation<typeof TLS_OPTIONS>, 'options' | 'io'>

/**
 * What the options say; undefined without TLS.
 * @param name - of the command, for its usage
 * @throws a usage error when they do not fit together
 */
export function tlsOptions(name: string, { options, io }: TlsInvocation): TlsOptions | undefined {
  const { tls, 'tls-cert': cert, 'tls-key': key, 'tls-port': mqttPort, 'plain-too': plainToo } = options
  if ((cert === undefined) !== (key === undefined)) {
    throw usage({ name }, '--tls-cert and --tls-key belong together: a certificate is of no use without its key')
  }
  if (!tls && cert === undefined) {
    if (mqttPort === undefined && !plainToo) return undefined
    throw usage({ name }, `--${plainToo ? 'plain-too' : 'tls-port'} is for a coordinator with --tls`)
  }
  return {
    ...(cert === undefined ? {} : { certFile: resolve(io.cwd, cert) }),
    ...(key === undefined ? {} : { keyFile: resolve(io.cwd, key) }),
    ...(mqttPort === undefined ? {} : { mqttPort }),
    ...(plainToo ? { plainToo } : {}),
  }
}
