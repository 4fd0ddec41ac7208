/** The task by which regions measure what devices can do, and its answers. */
export { capacityAnswer } from './answer.ts'
export { CAPACITY_INPUT_BYTES, CAPACITY_MODULE_SHA256, CAPACITY_UNIT_FUEL, capacityModule } from './task-module.ts'
