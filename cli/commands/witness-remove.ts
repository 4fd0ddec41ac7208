import { defineCommand } from '../command.ts'
import { connectOperator } from '../connection.ts'
import { EXIT } from '../exit-codes.ts'
import { findWitness, regionOf } from '../witness-find.ts'

/** `hedgerow witness remove` */
export const witnessRemove = defineCommand({
  name: 'witness remove',
  summary: 'ask another region for cosignatures no more, and give it none',
  details: 'What was cosigned of its log is remembered, should it come back.',
  positionals: [{ name: 'REGION', describe: 'its id, the beginning of its id, its origin, or its address' }],
  examples: [{ line: 'hedgerow witness remove https://hill.example', does: 'it is a witness no more' }],
  run: async ({ options, args: [text = ''], io, out }) => {
    const api = connectOperator(io, options.state)
    const witness = await api.witnessRemove(await findWitness(api, text))
    out.result(witness, () => [`Region ${regionOf(witness.origin)} is no witness any more.`])
    return EXIT.ok
  },
})
