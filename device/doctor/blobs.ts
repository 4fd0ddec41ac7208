/** Can what tasks need be fetched, and is it the region that answers there? */
import { broken, equalBytes, type Finding, parseVerifierKey, well } from '../../protocol/index.ts'

export interface BlobsPorts {
  readonly blobUrl: string
  /** The region's key, as the device keeps it. */
  readonly regionKey: Uint8Array
  /** Reads a small text. @throws whatever stands in the way */
  get(url: string): Promise<{ readonly status: number; readonly text: string }>
}

export async function checkBlobs({ blobUrl, regionKey, get }: BlobsPorts): Promise<Finding[]> {
  const httpUrl = blobUrl.replace(/\/+$/, '').replace(/\/blob$/, '')
  const address = `${httpUrl}/log/card`
  let answer: Awaited<ReturnType<BlobsPorts['get']>>
  try {
    answer = await get(address)
  } catch (error) {
    return [
      broken(
        'http',
        `Nothing can be fetched from ${httpUrl}: ${reasonOf(error)}.`,
        `Try: curl -v ${httpUrl}/health. A firewall may let the broker's port through and not this one.`,
      ),
    ]
  }
  if (answer.status !== 200) {
    return [
      broken(
        'http',
        `${httpUrl} answers with status ${answer.status} where the region's card should be.`,
        'A proxy may be in between, or another program has the port: ask the operator.',
      ),
    ]
  }
  if (!isOf(answer.text, regionKey)) {
    return [
      broken(
        'http',
        `Another region answers at ${httpUrl} than the one this device belongs to.`,
        'The address has been given to another coordinator: ask the operator for a new claim.',
      ),
    ]
  }
  return [well('http', `Content can be fetched from ${httpUrl}, and it is the device's own region.`)]
}

function isOf(card: string, regionKey: Uint8Array): boolean {
  try {
    const { logKey } = JSON.parse(card) as { logKey: unknown }
    return equalBytes(parseVerifierKey(String(logKey)).publicKey, regionKey)
  } catch {
    return false
  }
}

/** `fetch` hides why it failed one level deeper. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
  if (cause instanceof Error && 'code' in cause) return String(cause.code)
  return cause instanceof Error ? cause.message : String(cause)
}
