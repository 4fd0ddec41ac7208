/** The public log's tree: hashes, proofs, tiles, checkpoints and those who cosign them (RFC 9162, RFC 9942, C2SP). */
export {
  ADD_CHECKPOINT_LENGTH_MAX,
  type AddCheckpoint,
  formatAddCheckpoint,
  parseAddCheckpoint,
  TLOG_SIZE_TYPE,
} from './add-checkpoint.ts'
export {
  type Checkpoint,
  formatCheckpoint,
  logOrigin,
  openCheckpoint,
  parseCheckpoint,
  parseSize,
  signCheckpoint,
} from './checkpoint.ts'
export { addSignatureLines, cosign, parseSignatureLines, verifyCosignature, witnessName } from './cosignature.ts'
export { Frontier } from './frontier.ts'
export {
  badProof,
  emptyRoot,
  HASH_BYTES,
  type Hash,
  leafHash,
  nodeHash,
  portableSha256,
  type TreeHead,
} from './hash.ts'
export { encodeInclusionReceipt, type InclusionReceipt, openInclusionReceipt } from './inclusion-receipt.ts'
export {
  badNote,
  formatSignatureLine,
  formatVerifierKey,
  logKeyOf,
  NOTE_TYPE_LOG,
  NOTE_TYPE_WITNESS,
  type Note,
  type NoteKey,
  type NoteSignature,
  openNote,
  parseNote,
  parseVerifierKey,
  signNote,
  witnessKeyOf,
} from './note.ts'
export {
  type Consistency,
  consistencyPath,
  type Inclusion,
  inclusionPath,
  type NodeReader,
  rootOfInclusion,
  treeRoot,
  verifyConsistency,
  verifyInclusion,
} from './proofs.ts'
export {
  decodeBundle,
  encodeBundle,
  entriesPath,
  LOG_ENTRY_BYTES_MAX,
  type LogPath,
  parseLogPath,
  subtreeRoot,
  TILE_WIDTH,
  type TilePlace,
  tileNodeReader,
  tilePath,
  tilesFor,
  tileWidth,
} from './tiles.ts'
