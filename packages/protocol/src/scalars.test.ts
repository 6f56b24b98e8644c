import { describe, expect, it } from 'vitest';
import { apnPasswordSchema, apnSchema, deviceIdSchema, pinSchema, plmnSchema } from './scalars.ts';

describe('APN', () => {
  it.each(['internet', 'fleet.north', 'm2m-4.iot.example', 'A', 'a'.repeat(100)])('takes %s', (apn) => {
    expect(apnSchema.safeParse(apn).success).toBe(true);
  });

  it.each([
    ['nothing', ''],
    ['a quote', 'a"b'],
    ['a line feed', 'a\nb'],
    ['a carriage return with a command behind', 'x\rAT+CFUN=0'],
    ['an escape character', 'a\u001bb'],
    ['101 characters', 'a'.repeat(101)],
    ['an empty label', 'a..b'],
    ['a label that ends with a hyphen', 'a-.b'],
    ['letters beyond ASCII', 'bücher'],
    ['a space', 'a b'],
  ])('refuses %s', (_, apn) => {
    expect(apnSchema.safeParse(apn).success).toBe(false);
  });
});

describe('other scalars', () => {
  it('refuses a quote or a control character in a password', () => {
    expect(apnPasswordSchema.safeParse('pa"ss').success).toBe(false);
    expect(apnPasswordSchema.safeParse('pa\u0000ss').success).toBe(false);
    expect(apnPasswordSchema.safeParse('pass word!').success).toBe(true);
  });

  it('takes PINs of 4 to 8 digits', () => {
    expect(['1234', '12345678'].every((pin) => pinSchema.safeParse(pin).success)).toBe(true);
    expect(['123', '123456789', '12a4'].some((pin) => pinSchema.safeParse(pin).success)).toBe(false);
  });

  it('takes PLMNs of 5 or 6 digits and device ids of 10 characters without look-alikes', () => {
    expect(plmnSchema.safeParse('26201').success).toBe(true);
    expect(plmnSchema.safeParse('262-01').success).toBe(false);
    expect(deviceIdSchema.safeParse('7k2m9q4x1z').success).toBe(true);
    expect(deviceIdSchema.safeParse('7k2m9q4xil').success).toBe(false);
  });
});
