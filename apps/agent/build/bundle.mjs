// Makes dist/towline-agent.cjs: the whole agent as one file without native addons, for the Node of any distribution from 20.19 on.
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

/** What mqtt.js pulls in and an agent over TCP or TLS on Node never reaches. */
const absent = ['worker-timers', 'ws', 'socks', 'commist', 'help-me', 'debug'];

/** @type {import('esbuild').Plugin} */
const lean = {
  name: 'lean',
  setup(builder) {
    // The polyfill of Node's own streams: 300 kB that Node has built in.
    builder.onResolve({ filter: /^readable-stream$/ }, () => ({ path: 'node:stream', external: true }));
    // The client alone: the package's entry also loads its own connectors, and with them a command line.
    builder.onResolve({ filter: /^mqtt$/ }, ({ resolveDir }) => ({ path: 'mqtt', namespace: 'client', pluginData: resolveDir }));
    builder.onLoad({ filter: /.*/, namespace: 'client' }, ({ pluginData }) => ({
      contents: "exports.MqttClient = require('mqtt/lib/client').default;",
      resolveDir: pluginData,
    }));
    builder.onResolve({ filter: new RegExp(`^(${absent.join('|')})$`) }, ({ path }) => ({ path, namespace: 'absent' }));
    builder.onLoad({ filter: /.*/, namespace: 'absent' }, ({ path }) => ({ contents: stubOf(path), loader: 'js' }));
  },
};

function stubOf(name) {
  // debug is called while modules load: it becomes a function that makes silent functions.
  if (name === 'debug') return 'module.exports = () => () => {};';
  return 'module.exports = {};';
}

const result = await build({
  entryPoints: [here('../src/main.ts')],
  outfile: here('../dist/towline-agent.cjs'),
  bundle: true,
  platform: 'node',
  target: 'node20.19',
  format: 'cjs',
  minify: true,
  legalComments: 'none',
  banner: { js: '#!/usr/bin/env node' },
  plugins: [lean],
  metafile: true,
  logLevel: 'warning',
});

const [[, output]] = Object.entries(result.metafile.outputs);
console.log(`towline-agent.cjs: ${Math.round(output.bytes / 1024)} kB`);
if (process.argv.includes('--sizes')) {
  const inputs = Object.entries(output.inputs).sort(([, left], [, right]) => right.bytesInOutput - left.bytesInOutput);
  for (const [path, { bytesInOutput }] of inputs.slice(0, 25)) console.log(`${bytesInOutput}\t${path}`);
}
