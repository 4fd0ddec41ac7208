/** How data leaves the region: SensorThings, Home Assistant, and files of readings. */
export { type Announcer, createAnnouncer } from './announcer.ts'
export {
  type ChannelValue,
  type DiscoveredDevice,
  type DiscoveredSensor,
  type DiscoveryInit,
  discoveryMessage,
  discoveryRemoval,
  entityKey,
  homeAssistantStateTopic,
  type RetainedMessage,
  stateMessage,
} from './home-assistant/discovery.ts'
export { exportCampaign, exportSensor, type ReadingsFile } from './readings-export.ts'
export {
  type NewObservation,
  type ObservationMessage,
  observationMessage,
  observationsTopic,
} from './sensorthings/mqtt.ts'
export { createSensorThings, type SensorThings, type SensorThingsComponents } from './sensorthings/service.ts'
export { createSensingSource, type SensingSource, type SensingSourceComponents } from './source.ts'
