/** Signed frames and the keys behind them. */
export { type FrameClass, type FrameContext, frameAad, type Subject } from './aad.ts'
export { assertStrictKey, deviceIdOf, didKey, keyThumbprint, regionIdOf } from './key.ts'
export { portableSigner, portableVerifier } from './portable.ts'
export {
  type BackgroundVerifier,
  openSign1,
  peekSign1,
  type Sign1Parts,
  type Signer,
  sign1,
  sigStructure,
  takeSign1,
  type Verifier,
} from './sign1.ts'
