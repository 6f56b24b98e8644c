export type * from './driver.ts';
export type * from './failure.ts';
export * from './models/dialects.schema.ts';
export { type Model, modelSchema } from './models/model.schema.ts';
export {
  genericModel,
  matchModel,
  modelById,
  models,
  modelsByUsbId,
  type SelfDescription,
  usbLayout,
} from './models/models.ts';
export { type Quirk, quirkSchema } from './models/quirk.ts';
export type { UsbId, UsbLayout } from './models/usb.schema.ts';
export type { SerialPort, SerialPorts } from './ports.ts';
