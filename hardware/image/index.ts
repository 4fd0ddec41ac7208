/** Writes cards for nodes: `hedgerow flash`. Nothing of it is needed where a node runs, and only the command line loads it. */
export { planBootFolder, writeBootFolder } from './boot-folder.ts'
export { customise, detectFormat, IMAGE_FORMATS } from './customise/index.ts'
export type {
  BootFile,
  BootPartition,
  Bundle,
  Customised,
  Detected,
  ImageFormat,
  NodeDescription,
} from './customise/types.ts'
export { checkDisk, checkFits } from './disks/check.ts'
export { type Disk, listDisks } from './disks/list.ts'
export { NODE_VERSION, nodeIntegrity } from './first-boot/releases.ts'
export { type FlashInit, type FlashPhase, type FlashReport, FlashStopped, flashImage } from './flash.ts'
export { readNodeDescription } from './node-description.ts'
export { type Customiser, type Plan, type PreparedImage, prepareImage } from './prepare.ts'
export { openImage } from './source/open.ts'
export type { ImageSource } from './source/source.ts'
export { openDevice } from './target/device-target.ts'
export { checkNewFile, openImageFile } from './target/file-target.ts'
export type { ImageTarget, OpenHandle } from './target/target.ts'
export { readYaml } from './yaml.ts'
