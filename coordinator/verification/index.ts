/** Which results to believe. */
export {
  credibilityOf,
  groupCredibility,
  replicasWorst,
  repliesNeeded,
  SABOTEUR_SHARE,
  spotCheckRate,
} from './credibility.ts'
