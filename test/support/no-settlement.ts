import type { SettlementRoutesComponents } from '../../coordinator/http/server.ts'
import type { RegionCard } from '../../coordinator/settlement/index.ts'

/** A region whose log has not been signed yet and that watches nobody's, for tests of other routes. */
export const NO_SETTLEMENT: SettlementRoutesComponents = {
  checkpoint: () => null,
  card: (): RegionCard => ({ origin: '', region: '', regionId: '', logKey: '', witnessKey: '', url: '', note: '' }),
  reader: { tile: () => null, bundle: () => null },
  witness: {
    addCheckpoint: async () => ({ status: 404, mediaType: 'text/plain', body: '' }),
    checkpointOf: () => null,
  },
  takeStatement: async () => ({ text: '' }),
}
