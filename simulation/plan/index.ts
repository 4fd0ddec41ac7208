/** Plans of regions: a fleet, one job, and what it comes to on virtual time. */
export { PLAN_DEFAULTS, PLAN_RANGES, type Plan } from './plan.ts'
export type { PlanAnswer, Spread } from './plan-answer.ts'
export { type PlanHooks, runPlan } from './run-plan.ts'
