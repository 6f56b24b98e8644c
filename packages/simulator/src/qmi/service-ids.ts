/** Services by their number in QMUX. */
export const qmiServices = { CTL: 0, WDS: 1, DMS: 2, NAS: 3, UIM: 11, WDA: 26 } as const;

export type QmiServiceName = keyof typeof qmiServices;
