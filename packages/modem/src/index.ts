export { isAccessPointName, withoutOperatorIdentifier } from './at/access-point-name.ts';
export type { AtArgument } from './at/at-argument.ts';
export { type AtCommand, atCommand, atDial, atSet } from './at/at-command.ts';
export { type AtSession, createAtSession } from './at/at-session.ts';
export type { AtOutcome } from './at/command-machine.ts';
export type { FinalResult } from './at/final-result.ts';
export type { VisibleNetwork } from './at/replies/network-scan-reply.ts';
export type { StoredMessage } from './at/replies/short-message-replies.ts';
export { packSeptets, septetsOfText } from './at/sms/gsm-alphabet.ts';
export { readSmsDeliver, type ShortMessage } from './at/sms/read-sms-deliver.ts';
export { type Capture, captureSchema } from './captures/capture.schema.ts';
export { createModemDriver, type HostTools, type ModemDriverOptions } from './create-modem-driver.ts';
export type * from './driver.ts';
export type * from './failure.ts';
export { equipmentErrors, type NetworkCause, networkCauses } from './failures/network-causes.ts';
export { chooseDataMode, type ModeChoice, type ModeRefusal } from './mode/choose-data-mode.ts';
export { type HostAbilities, type HostProgram, isOffered, type ModeQuestion, modeObstacle } from './mode/mode-obstacle.ts';
export type { Bands, BandTechnology } from './models/bands.schema.ts';
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
export { type RadioAccess, radioAccessSchema } from './models/radio-access.schema.ts';
export type { SimSlot } from './models/sim-slots.schema.ts';
export type { UsbDevice, UsbId, UsbLayout } from './models/usb.schema.ts';
export { unsupportedBands } from './operations/bands.ts';
export { dialDialectOf } from './operations/dial.ts';
export type { ModemLogEvent } from './operations/modem-link.ts';
export type { Questions } from './operations/questions.ts';
export type { ShortMessages } from './operations/short-messages.ts';
export { decidePin, type PinDecision, type PinTry } from './pin/decide-pin.ts';
export type * from './ports.ts';
export { type LostAtPort, restoreAtPort } from './qmi/restore-at-port.ts';
export { homePlmnOf } from './sim/home-plmn.ts';
