/** Updates of the device: a process of its own, so that the device itself loads nothing of it. */
export { chooseRelease, type ReleaseChoice, type Taker } from './choose-release.ts'
export { type DownloadComponents, download } from './download.ts'
export { install } from './install.ts'
export { type HttpGet, pinnedRoot, readSource, sourceUrl, type UpdateSource, writeSource } from './source.ts'
export { type TrustComponents, type TrustedRelease, trustedReleases } from './trust.ts'
export {
  applyUpdate,
  checkForUpdate,
  type UpdateOutcome,
  type UpdaterComponents,
  type UpdateStatus,
  updateStatus,
} from './updater.ts'
