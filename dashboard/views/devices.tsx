import { path } from '../router.ts'
import { DeviceList } from './devices-list.tsx'
import { DevicePage } from './devices-one.tsx'

/** `#/devices`: all of them, or with an id one of them. */
export default function DevicesView() {
  const [, id] = path.value
  return id === undefined ? <DeviceList /> : <DevicePage key={id} id={id} />
}
