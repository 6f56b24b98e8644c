import type { DataMode } from '../driver.ts';
import { type Model, modelSchema } from './model.schema.ts';
import { modelFiles } from './model-files.ts';
import type { UsbId, UsbLayout } from './usb.schema.ts';

/** Every known model, the generic one included, in the order of their ids. */
export const models: readonly Model[] = modelFiles.map((file) => modelSchema.parse(file));

export function modelById(id: string): Model | undefined {
  return models.find((model) => model.id === id);
}

function loadGenericModel(): Model {
  return modelSchema.parse(modelFiles.find((file) => modelSchema.parse(file).vendor === 'generic'));
}

/** For a modem that no file describes: the commands of 3GPP TS 27.007 and PPP, nothing else. */
export const genericModel: Model = loadGenericModel();

/** What a modem says of itself: the replies to `AT+CGMI`, `AT+CGMM` and `ATI`, any of them empty. */
export interface SelfDescription {
  readonly manufacturer: string;
  readonly product: string;
  /** All lines of `ATI`. EC200A says only its name there. */
  readonly information: string;
}

/** Picks the model whose product name is found; the longest name wins, so that a variant beats its family. Never undefined: see `genericModel`. */
export function matchModel(self: SelfDescription): Model {
  const maker = self.manufacturer.toLowerCase();
  const text = `${self.product}\n${self.information}`.toLowerCase();
  let best: { readonly model: Model; readonly length: number } | undefined;
  for (const model of models) {
    const { manufacturers, products } = model.match;
    // A rebadged or silent CGMI must not hide a modem: the maker is compared only where it is told.
    if (maker !== '' && manufacturers.length > 0 && !manufacturers.some((name) => maker.includes(name.toLowerCase()))) continue;
    for (const name of products) {
      if (text.includes(name.toLowerCase()) && name.length > (best?.length ?? 0)) best = { model, length: name.length };
    }
  }
  return best?.model ?? genericModel;
}

/** Models that show this USB id (`2c7c:6005`, lower case); several share one, as MC7455 and EM7455 do. */
export function modelsByUsbId(vidPid: string): readonly { readonly model: Model; readonly usbId: UsbId }[] {
  return models.flatMap((model) => model.usb.ids.filter((usbId) => usbId.vidPid === vidPid).map((usbId) => ({ model, usbId })));
}

/** The interfaces to expect. Without a data mode: the first layout of that id. */
export function usbLayout(model: Model, vidPid: string, mode?: DataMode): UsbLayout | undefined {
  const layouts = model.usb.layouts.filter((layout) => layout.vidPids.includes(vidPid));
  return (mode && layouts.find((layout) => layout.dataModes.includes(mode))) ?? layouts[0];
}
