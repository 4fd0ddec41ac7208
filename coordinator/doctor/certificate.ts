/** Is the certificate of the servers good for a while? */
import { broken, type Finding, warning, well } from '../../protocol/index.ts'

export interface CertificatePorts {
  /** When the certificate that is shown ends, in wall time; null without TLS, or when it could not be seen. */
  readonly endsMs: number | null
  /** Whether the region makes its certificates itself, and renews them by itself. */
  readonly isOwn: boolean
  readonly wallMs: number
}

const DAY_MS = 86_400_000
const WARNING_DAYS = 14

export function checkCertificate({ endsMs, isOwn, wallMs }: CertificatePorts): Finding[] {
  if (endsMs === null) return []
  const until = new Date(endsMs).toISOString().slice(0, 10)
  const fix = isOwn
    ? 'The coordinator renews it by itself: restart it, and look at the clock of this machine.'
    : 'Renew it where it came from (such as: sudo certbot renew); the coordinator reads the file again by itself, or after a restart.'
  if (endsMs < wallMs) return [broken('certificate', `The certificate ended on ${until}: devices do not connect.`, fix)]
  const says = `The certificate is good until ${until}.`
  return [endsMs - wallMs < WARNING_DAYS * DAY_MS ? warning('certificate', says, fix) : well('certificate', says)]
}
