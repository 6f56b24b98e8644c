/** The sixteen bytes of a UUID in its text form, in the order of the text as MBIM has them. */
export function uuidBytes(text: string): Uint8Array {
  const digits = text.replaceAll('-', '');
  return Uint8Array.from({ length: 16 }, (_none, index) => Number.parseInt(digits.slice(2 * index, 2 * index + 2), 16));
}

export function uuidText(bytes: Uint8Array): string {
  const digits = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return [digits.slice(0, 8), digits.slice(8, 12), digits.slice(12, 16), digits.slice(16, 20), digits.slice(20)].join('-');
}

/** Device services: MBIM 1.0 clause 10.1, and those of Microsoft and Qualcomm. */
export const mbimServices = {
  basicConnect: 'a289cc33-bcbb-8b4f-b6b0-133ec2aae6df',
  basicConnectExtensions: '3d01dcc5-fef5-4d05-0d3a-bef7058e9aaf',
  qmi: 'd1a30bc2-f97a-6e43-bf65-c7e24fb0f0d3',
} as const;

/** Context types: MBIM 1.0 table 10-99. */
export const contextTypes = {
  none: 'b43f758c-a560-4b46-b35e-c5869641fb54',
  internet: '7e5e2a7e-4e6f-7272-736b-656e7e5e2a7e',
} as const;
