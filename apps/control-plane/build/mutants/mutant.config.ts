import { fileURLToPath } from 'node:url';
import { Fault } from '@towline/kit';
import { mergeConfig } from 'vitest/config';
import config from '../../vitest.config.ts';
import { mutants } from './mutants.ts';

const name = process.env.MUTANT;
const mutant = mutants.find((one) => one.name === name);
if (!mutant) throw new Fault('mutant.unknown', `no mutant ${name}`);
const place = fileURLToPath(new URL(`../../src/${mutant.file}`, import.meta.url));

/** The tests as ever, over a source that is broken in memory: no file is touched. */
export default mergeConfig(config, {
  // Neither what is whole may be taken from it, nor what is broken be left in it.
  test: { fsModuleCache: false },
  plugins: [
    {
      name: 'mutant',
      enforce: 'pre',
      transform: (source: string, id: string) => (id.split('?')[0] === place ? source.replace(mutant.from, () => mutant.to) : undefined),
    },
  ],
});
