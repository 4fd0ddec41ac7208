/** Which results to believe. */
export {
  credibilityOf,
  groupCredibility,
  knownAnswerRate,
  replicasWorst,
  repliesNeeded,
  SABOTEUR_SHARE,
  spotCheckRate,
} from './credibility.ts'
export { JURY_CERTAINTY, juryOdds } from './jury.ts'
export { type PairRecord, Pairs } from './pairs.ts'
export { drawSpotCheck } from './spot-check.ts'
