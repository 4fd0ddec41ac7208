/** What is written onto a card: found out for its system, made of one description. */
export { customise } from './customise.ts'
export { detectFormat } from './detect.ts'
export {
  type BootFile,
  type BootPartition,
  type Bundle,
  type Customised,
  type CustomiseOptions,
  type Detected,
  IMAGE_FORMATS,
  type ImageFormat,
  type NodeDescription,
} from './types.ts'
