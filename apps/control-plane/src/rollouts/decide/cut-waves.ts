import type { RolloutWaves } from '@towline/protocol/http';

function sizesOf(waves: RolloutWaves, devices: number): number[] {
  switch (waves.kind) {
    case 'counts':
      return waves.sizes;
    case 'percents':
      return waves.percents.map((percent) => Math.ceil((devices * percent) / 100));
    case 'rate':
      return [devices];
  }
}

/** Sizes of the waves that so many devices are cut into: none is empty, together they are all, and the last takes who is left. */
export function cutWaves(waves: RolloutWaves, devices: number): number[] {
  const sizes: number[] = [];
  let left = devices;
  for (const size of sizesOf(waves, devices)) {
    if (left === 0) break;
    const taken = Math.min(left, size);
    sizes.push(taken);
    left -= taken;
  }
  const last = sizes.pop();
  return last === undefined ? [] : [...sizes, last + left];
}
