import { Fault } from '@towline/kit';

/** Module names are written with either sign. */
const nameOf = (path: string) => path.replace(/^.*\//, '').replace(/\.ko$/, '').replaceAll('-', '_');

/** `modules.dep` as depmod writes it: path → paths of all that it needs, the first needed last. */
function parseDependencies(modulesDep: string): Map<string, { path: string; needs: string[] }> {
  const lines = modulesDep.split('\n').filter((line) => line.includes(':'));
  return new Map(
    lines.map((line) => {
      const [path = '', needs = ''] = line.split(':');
      return [nameOf(path), { path, needs: needs.split(' ').filter(Boolean).reverse() }];
    }),
  );
}

/**
 * Paths of `wanted` kernel modules and of everything they need, in the order in which they can be inserted.
 * @throws Fault `lab.no-module` when the kernel has no such module
 */
export function moduleOrder(modulesDep: string, wanted: readonly string[]): string[] {
  const known = parseDependencies(modulesDep);
  const ordered = wanted.flatMap((name) => {
    const found = known.get(name.replaceAll('-', '_'));
    if (!found) throw new Fault('lab.no-module', `the kernel has no module ${name}`);
    return [...found.needs, found.path];
  });
  return [...new Set(ordered)];
}
